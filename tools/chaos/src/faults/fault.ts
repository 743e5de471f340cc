/** A fault: does what the step says to the world, and resolves when it is over. What it breaks it mends. */
import type { Step } from '../plan.ts';
import type { World } from '../world.ts';

export type Fault = (world: World, step: Step) => Promise<void>;
