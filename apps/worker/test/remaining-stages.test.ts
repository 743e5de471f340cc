import { describe, expect, it } from 'vitest';
import type { StageInfo } from '../src/pipeline/stage.ts';
import { outputsBefore, outputsKept, remaining, type StageOutputs } from '../src/remaining-stages.ts';

const stages: readonly StageInfo[] = ['a', 'b', 'c'].map((name) => ({ name, version: 1, timeoutSeconds: undefined }));
const finished = (...names: string[]): StageOutputs =>
  Object.fromEntries(
    names.map((name) => [name, { output: `out of ${name}`, attempt: 1, version: 1, duration_ms: 1, at: '' }]),
  );
const names = (left: readonly StageInfo[]): string[] => left.map(({ name }) => name);

describe('remaining', () => {
  it.each([
    ['all, at first', finished(), undefined, ['a', 'b', 'c']],
    ['those after the last finished one', finished('a'), undefined, ['b', 'c']],
    ['none, when all are finished', finished('a', 'b', 'c'), undefined, []],
    ['a new one that was put between finished ones', finished('a', 'c'), undefined, ['b']],
    ['none for outputs of stages that are no more', finished('a', 'b', 'c', 'z'), undefined, []],
    ['all from the one that was asked for', finished('a', 'b', 'c'), 'b', ['b', 'c']],
    ['also what stands before it and is not finished', finished('b'), 'c', ['a', 'c']],
    ['as ever, when one was asked for that is not there', finished('a'), 'z', ['b', 'c']],
  ])('are %s', (_, outputs, fromStage, expected) => {
    expect(names(remaining(stages, outputs, fromStage))).toEqual(expected);
  });

  it('are all from the first whose version changed', () => {
    const changed = stages.map((stage) => (stage.name === 'b' ? { ...stage, version: 2 } : stage));
    expect(names(remaining(changed, finished('a', 'b', 'c')))).toEqual(['b', 'c']);
  });

  it('take no inherited member for an output', () => {
    expect(names(remaining([{ name: 'constructor', version: 1, timeoutSeconds: undefined }], {}))).toEqual([
      'constructor',
    ]);
  });
});

describe('the outputs that a stage is handed', () => {
  it('are those of the stages before it, without those that run again and those that are no more', () => {
    const kept = outputsKept(remaining(stages, finished('a', 'b', 'c', 'z'), 'b'), finished('a', 'b', 'c', 'z'));
    expect([...kept.keys()]).toEqual(['a', 'z']);
    expect(outputsBefore(stages, kept, 'c')).toEqual({ a: 'out of a' });
    expect(outputsBefore(stages, kept.set('b', null), 'c')).toEqual({ a: 'out of a', b: null });
    expect(outputsBefore(stages, kept, 'a')).toEqual({});
  });
});
