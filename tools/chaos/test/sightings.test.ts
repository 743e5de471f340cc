import { expect, test } from 'vitest';
import { createNotes } from '../src/sightings.ts';

test('an id is seen from the first look at it to the last, and anew when it comes back', () => {
  const { taken, look } = createNotes();
  look(['a'], 100);
  look(['a', 'b'], 200);
  look(['b'], 300);
  look(['a', 'b'], 400);
  expect(taken.get('a')).toEqual([
    { afterMs: 0, fromMs: 100, toMs: 200 },
    { afterMs: 300, fromMs: 400, toMs: 400 },
  ]);
  expect(taken.get('b')).toEqual([{ afterMs: 100, fromMs: 200, toMs: 400 }]);
});
