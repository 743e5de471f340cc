/** How far the run is: a line at most every five seconds. */
import type { Plan } from './plan.ts';
import type { Standing } from './watch.ts';
import type { World } from './world.ts';

const EVERY_MS = 5000;

export interface Progress {
  readonly look: (standing: Standing, world: World, injected: number) => void;
  done(): void;
}

export function createProgress({ jobs, steps }: Plan, print: (line: string) => void): Progress {
  const fromMs = Date.now();
  let toldMs = 0;
  return {
    look: ({ settled, processing, waiting }, { fleet }, injected) => {
      if (Date.now() - toldMs < EVERY_MS) return;
      toldMs = Date.now();
      const at = `${String(Math.round((toldMs - fromMs) / 1000)).padStart(5)} s`;
      print(
        `${at}  ${String(settled)} of ${String(jobs)} jobs settled, ${String(processing)} in hand, ${String(waiting)} waiting; ` +
          `${String(injected)} of ${String(steps.length)} faults; ${String(fleet.lives.length)} workers started`,
      );
    },
    done: () => {
      print(`${String(Math.round((Date.now() - fromMs) / 1000)).padStart(5)} s  all stopped; judging`);
    },
  };
}
