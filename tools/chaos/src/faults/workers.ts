/** What happens to workers: killed, frozen past their lease, deployed anew. */
import { setTimeout as pause } from 'node:timers/promises';
import { certain, type Fault } from './fault.ts';

const BETWEEN_DEPLOYED_MS = 300;

export const kill: Fault = ({ fleet }, { target }) =>
  Promise.resolve(fleet.worker(target % fleet.places)?.kill() === true ? 'took effect' : 'missed');

export const freeze: Fault = async ({ fleet }, { target, forMs }) =>
  (await fleet.worker(target % fleet.places)?.freeze(forMs)) ?? 'missed';

export const deploy: Fault = certain(async ({ fleet }) => {
  for (let place = 0; place < fleet.places; place += 1) {
    await fleet.worker(place)?.end();
    await pause(BETWEEN_DEPLOYED_MS);
  }
});
