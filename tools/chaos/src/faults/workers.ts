/** What happens to workers: killed, frozen past their lease, deployed anew. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';

const BETWEEN_DEPLOYED_MS = 300;

export const kill: Fault = ({ fleet }, { target }) => {
  fleet.kill(target % fleet.places);
  return Promise.resolve();
};

export const freeze: Fault = ({ fleet }, { target, forMs }) => fleet.freeze(target % fleet.places, forMs);

export const deploy: Fault = async ({ fleet }) => {
  for (let place = 0; place < fleet.places; place += 1) {
    await fleet.replace(place);
    await pause(BETWEEN_DEPLOYED_MS);
  }
};
