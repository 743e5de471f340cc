/**
 * From whatever a module exports to stages, or to the one reason why it is no pipeline. It looks at shapes only: it calls
 * no stage.
 */
import type { Stage, StageInfo } from './stage.ts';

/** Timers take no longer time. */
const TIMEOUT_SECONDS_MAX = 2_147_483;
const NAME = /^[A-Za-z0-9_-]+$/;

/** The default export is not a pipeline. */
export class PipelineShapeError extends Error {
  override readonly name = 'PipelineShapeError';
}

/** @throws PipelineShapeError naming the first stage that is wrong, and what is expected of it */
export function parseStages(value: unknown): readonly Stage[] {
  if (!Array.isArray(value)) throw new PipelineShapeError('its default export is not an array of stages');
  if (value.length === 0)
    throw new PipelineShapeError('its default export is an empty array; it needs at least one stage');
  const stages = value.map((stage: unknown, index) => parseStage(stage, index + 1));
  const names = new Set<string>();
  for (const { name } of stages) {
    if (names.has(name)) throw new PipelineShapeError(`two stages are named "${name}"; names must be unique`);
    names.add(name);
  }
  return stages;
}

export function stageInfo(stage: Stage): StageInfo {
  return { name: stage.name, version: stage.version ?? 1, timeoutSeconds: stage.timeoutSeconds };
}

function parseStage(value: unknown, place: number): Stage {
  const wrong = (reason: string): never => {
    throw new PipelineShapeError(`stage ${String(place)} ${reason}`);
  };
  if (typeof value !== 'object' || value === null) return wrong('is not an object with a name and a run function');
  // Reason: any object may be looked at by key; each value is checked below.
  const { name, version, timeoutSeconds, run } = value as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || !NAME.test(name)) return wrong('needs a name made of letters, digits, "_" and "-"');
  if (typeof run !== 'function') return wrong(`("${name}") has no run function`);
  if (version !== undefined && !isPositiveInteger(version)) {
    return wrong(`("${name}") has a version that is no positive whole number`);
  }
  if (timeoutSeconds !== undefined && !isTimeout(timeoutSeconds)) {
    return wrong(`("${name}") has a timeoutSeconds that is no number above 0 and up to ${String(TIMEOUT_SECONDS_MAX)}`);
  }
  // Reason: every member was checked above. The object itself is kept, so that `run` finds its `this`.
  return value as Stage;
}

function isPositiveInteger(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

function isTimeout(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value <= TIMEOUT_SECONDS_MAX;
}
