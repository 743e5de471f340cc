/**
 * A fault: does what the step says to the world, and resolves when it is over. What it breaks it mends. One that met nobody (its
 * process ended first, or did not listen yet) says so, and counts as none.
 */
import type { Step } from '../plan.ts';
import type { World } from '../world.ts';

export type Effect = 'took effect' | 'missed';
export type Fault = (world: World, step: Step) => Promise<Effect>;

/** A fault that cannot miss. */
export function certain(fault: (world: World, step: Step) => Promise<void>): Fault {
  return async (world, step) => {
    await fault(world, step);
    return 'took effect';
  };
}
