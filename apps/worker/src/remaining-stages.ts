/**
 * Which stages are left to run, and what their outputs are handed (pure). A finished stage is not run again, except from
 * the first whose version changed.
 */
import type { StageCheckpoint } from '@jobhive/db';
import type { StageInfo } from './pipeline/stage.ts';

export type StageOutputs = Readonly<Record<string, StageCheckpoint>>;

export function remaining(stages: readonly StageInfo[], stageOutputs: StageOutputs): readonly StageInfo[] {
  const again = stages.findIndex(({ name, version }) => {
    const finished = finishedAs(stageOutputs, name);
    return finished !== undefined && finished.version !== version;
  });
  return stages.filter(
    ({ name }, index) => (again !== -1 && index >= again) || finishedAs(stageOutputs, name) === undefined,
  );
}

/**
 * Stages after this one whose outputs were made from what it made before: their records go with this one's checkpoint.
 * Otherwise a worker lost right after it would leave them to be taken for finished.
 */
export function outdatedBy(
  stage: StageInfo,
  left: readonly StageInfo[],
  stageOutputs: StageOutputs,
): readonly string[] {
  const later = left.slice(left.indexOf(stage) + 1).map(({ name }) => name);
  return later.filter((name) => finishedAs(stageOutputs, name) !== undefined);
}

/** What stages that are not run again left, by name. */
export function outputsKept(left: readonly StageInfo[], stageOutputs: StageOutputs): Map<string, unknown> {
  const again = new Set(left.map(({ name }) => name));
  const kept = Object.entries(stageOutputs).filter(([name]) => !again.has(name));
  return new Map(kept.map(([name, { output }]) => [name, output]));
}

/** The outputs of the stages that stand before this one: those of later ones, and of removed ones, are not handed on. */
export function outputsBefore(
  stages: readonly StageInfo[],
  outputs: ReadonlyMap<string, unknown>,
  stage: string,
): Readonly<Record<string, unknown>> {
  const before = stages
    .slice(
      0,
      stages.findIndex(({ name }) => name === stage),
    )
    .filter(({ name }) => outputs.has(name));
  // fromEntries, since `__proto__` is a stage's name like any other.
  return Object.fromEntries(before.map(({ name }) => [name, outputs.get(name)]));
}

function finishedAs(stageOutputs: StageOutputs, name: string): StageCheckpoint | undefined {
  return Object.hasOwn(stageOutputs, name) ? stageOutputs[name] : undefined;
}
