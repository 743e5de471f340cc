import { expect, test } from 'vitest';
import { createGate } from '../src/gate.ts';

test('it is open only when nobody holds it shut, and tells each change once', () => {
  const told: boolean[] = [];
  const gate = createGate((open) => told.push(open));
  gate.shut('paused');
  gate.shut('postgres_away');
  gate.shut('paused');
  gate.open('paused');
  expect(told).toEqual([false]);
  expect(gate.isShut('paused')).toBe(false);
  expect(gate.isShut('postgres_away')).toBe(true);
  gate.open('postgres_away');
  gate.open('no_space');
  expect(told).toEqual([false, true]);
});
