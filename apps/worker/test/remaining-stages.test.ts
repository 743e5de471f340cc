import { describe, expect, it } from 'vitest';
import type { StageInfo } from '../src/pipeline/stage.ts';
import { outdatedBy, outputsBefore, outputsKept, remaining, type StageOutputs } from '../src/remaining-stages.ts';

const stages: readonly StageInfo[] = ['a', 'b', 'c'].map((name) => ({ name, version: 1, timeoutSeconds: undefined }));
const finished = (...names: string[]): StageOutputs =>
  Object.fromEntries(
    names.map((name) => [name, { output: `out of ${name}`, attempt: 1, version: 1, duration_ms: 1, at: '' }]),
  );
const changedAt = (name: string): readonly StageInfo[] =>
  stages.map((stage) => (stage.name === name ? { ...stage, version: 2 } : stage));
const names = (left: readonly StageInfo[]): string[] => left.map(({ name }) => name);

describe('remaining', () => {
  it.each([
    ['all, at first', finished(), ['a', 'b', 'c']],
    ['those after the last finished one', finished('a'), ['b', 'c']],
    ['none, when all are finished', finished('a', 'b', 'c'), []],
    ['a new one that was put between finished ones', finished('a', 'c'), ['b']],
    ['none for outputs of stages that are no more', finished('a', 'b', 'c', 'z'), []],
  ])('are %s', (_, outputs, expected) => {
    expect(names(remaining(stages, outputs))).toEqual(expected);
  });

  it('are all from the first whose version changed, with what was made of its former output', () => {
    const changed = changedAt('b');
    const left = remaining(changed, finished('a', 'b', 'c'));
    expect(names(left)).toEqual(['b', 'c']);
    const outdates = left.map((stage) => outdatedBy(stage, left, finished('a', 'b', 'c')));
    expect(outdates).toEqual([['c'], []]);
  });

  it('take no inherited member for an output', () => {
    expect(names(remaining([{ name: 'constructor', version: 1, timeoutSeconds: undefined }], {}))).toEqual([
      'constructor',
    ]);
  });
});

describe('the outputs that a stage is handed', () => {
  it('are those of the stages before it, without those that run again and those that are no more', () => {
    const outputs = finished('a', 'b', 'c', 'z');
    const kept = outputsKept(remaining(changedAt('b'), outputs), outputs);
    expect([...kept.keys()]).toEqual(['a', 'z']);
    expect(outputsBefore(stages, kept, 'c')).toEqual({ a: 'out of a' });
    expect(outputsBefore(stages, kept.set('b', null), 'c')).toEqual({ a: 'out of a', b: null });
    expect(outputsBefore(stages, kept, 'a')).toEqual({});
  });
});
