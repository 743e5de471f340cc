/**
 * Carries the plan's steps out in their times: those of one lane one after the other, the lanes beside each other. Each is noted
 * with what was in flight when it began. One that missed its aim is not counted.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Injected } from './evidence.ts';
import { FAULTS } from './faults/all.ts';
import type { Effect } from './faults/fault.ts';
import type { Step } from './plan.ts';
import type { World } from './world.ts';

export interface InFlight {
  readonly processing: number;
  readonly waiting: number;
}

export async function injectAll(
  world: World,
  startMs: number,
  now: () => InFlight,
  stopping: AbortSignal,
  done: Injected[],
): Promise<void> {
  const lanes = new Map<string, Step[]>();
  for (const step of world.plan.steps) lanes.set(step.lane, [...(lanes.get(step.lane) ?? []), step]);
  const walk = async (steps: readonly Step[]): Promise<void> => {
    for (const step of steps) {
      await pause(Math.max(0, startMs + step.atMs - Date.now()), undefined, { signal: stopping });
      const { processing, waiting } = now();
      const noted: Injected = {
        kind: step.kind,
        lane: step.lane,
        fromMs: Date.now(),
        toMs: Infinity,
        inFlight: processing,
        waiting,
      };
      done.push(noted);
      const effect = await inject(world, step);
      noted.toMs = Date.now();
      if (effect === 'missed') done.splice(done.indexOf(noted), 1);
    }
  };
  await Promise.all([...lanes.values()].map((steps) => walk(steps)));
}

async function inject(world: World, step: Step): Promise<Effect> {
  const fault = FAULTS[step.kind];
  if (fault === undefined) throw new Error(`no fault is named ${step.kind}`);
  try {
    return await fault(world, step);
  } catch (error) {
    throw new Error(`the fault ${step.kind} could not be injected`, { cause: error });
  }
}
