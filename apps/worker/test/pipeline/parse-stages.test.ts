import { describe, expect, it } from 'vitest';
import { parseStages, stageInfo } from '../../src/pipeline/parse-stages.ts';

const run = (): null => null;

describe('parseStages', () => {
  it('takes stages of every allowed form, and fills in the version', () => {
    const stages = parseStages([
      { name: 'a-1_B', run },
      { name: 'b', version: 3, timeoutSeconds: 0.5, run },
    ]);
    expect(stages.map(stageInfo)).toEqual([
      { name: 'a-1_B', version: 1, timeoutSeconds: undefined },
      { name: 'b', version: 3, timeoutSeconds: 0.5 },
    ]);
  });

  it('keeps the stage itself, so that run finds its this', () => {
    const stage = { name: 'a', run };
    expect(parseStages([stage])[0]).toBe(stage);
  });

  it.each([
    ['undefined', undefined, 'not an array'],
    ['an object', { name: 'a', run }, 'not an array'],
    ['an empty array', [], 'at least one stage'],
    ['null in it', [null], 'stage 1 is not an object'],
    ['a text in it', [{ name: 'a', run }, 'b'], 'stage 2 is not an object'],
    ['no name', [{ run }], 'stage 1 needs a name'],
    ['a name with a blank', [{ name: 'a b', run }], 'stage 1 needs a name'],
    ['an empty name', [{ name: '', run }], 'stage 1 needs a name'],
    ['a name with a line end', [{ name: 'a\n', run }], 'stage 1 needs a name'],
    ['no run', [{ name: 'a' }], 'has no run function'],
    ['a run that is no function', [{ name: 'a', run: 1 }], 'has no run function'],
    ['a version 0', [{ name: 'a', run, version: 0 }], 'version'],
    ['a version with decimals', [{ name: 'a', run, version: 1.5 }], 'version'],
    ['a version as a text', [{ name: 'a', run, version: '1' }], 'version'],
    ['a version null', [{ name: 'a', run, version: null }], 'version'],
    ['a timeout 0', [{ name: 'a', run, timeoutSeconds: 0 }], 'timeoutSeconds'],
    ['a timeout that is NaN', [{ name: 'a', run, timeoutSeconds: NaN }], 'timeoutSeconds'],
    ['a timeout without end', [{ name: 'a', run, timeoutSeconds: 2_147_484 }], 'timeoutSeconds'],
    ['a timeout as a text', [{ name: 'a', run, timeoutSeconds: '5' }], 'timeoutSeconds'],
    [
      'two of one name',
      [
        { name: 'a', run },
        { name: 'a', run },
      ],
      'two stages are named "a"',
    ],
  ])('refuses %s', (_, value, reason) => {
    expect(() => parseStages(value)).toThrow(reason);
  });
});
