/**
 * One step of the system, and beside it what really happened: whether the one who wrote held the claim, and what the step may
 * do to the attempt. The laws compare that with what the rows say.
 */
import type { Change, Event } from './job.ts';
import { withJob, type World } from './world.ts';

export interface Step {
  readonly name: string;
  /** `system`: what happens by itself as long as something lives. The rest may happen, and may not. */
  readonly by: 'system' | 'chance' | 'fault' | 'operator';
  readonly world: World;
  /** The job that it is about; the others' rows stay as they are. */
  readonly job: number;
  readonly events: readonly Event[];
  /** How the attempt may change by law 4: by so much, or to zero. */
  readonly counts: number | 'zero';
  /** A write under a claim, and whether the claim was held. */
  readonly writesHolding?: boolean;
  /** A claim was won, and this stage is the first to run. */
  readonly begins?: 'first' | 'last';
  /** An entry was delivered again. */
  readonly redelivers?: true;
}

export type Act = Omit<Step, 'world' | 'job' | 'events' | 'counts'> & Partial<Pick<Step, 'counts'>>;

/** A step that changes one row. @param mine as in withJob() */
export function rowStep(world: World, index: number, change: Change<unknown>, act: Act, mine?: number): Step {
  return {
    counts: 0,
    ...act,
    world: withJob(world, index, change.job, mine),
    job: index,
    events: change.events,
  };
}

/** The same step, with the world it leads to changed further. */
export function andThen(step: Step, change: (world: World) => World, act: Partial<Act> = {}): Step {
  return { ...step, ...act, world: change(step.world) };
}
