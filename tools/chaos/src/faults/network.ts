/** What happens on the way: connections cut, answers delayed, bytes swallowed; for one way (half of the workers) or both. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Proxy } from '@jobhive/test-kit';
import type { Side } from '../evidence.ts';
import { certain, type Effect } from './fault.ts';

const DELAY_MS = 120;
/** After a hole is mended a worker has to dial again and renew before it can be called present. */
const BACK_MS = 1000;

const sideOf = (target: number): Side => (target % 2 === 0 ? 0 : 1);
const storeOf = (target: number): 'redis' | 'postgres' => ((target >> 1) % 2 === 0 ? 'redis' : 'postgres');

export const cut = certain(async ({ ways, without }, { target }) => {
  const [store, side] = [storeOf(target), sideOf(target)];
  await without({ store, side }, () => Promise.resolve(ways[store][side].cut()));
});

export const delay = certain(async ({ ways, without }, { target, forMs }) => {
  const store = storeOf(target);
  await without({ store, how: 'slow' }, async () => {
    for (const proxy of ways[store]) proxy.delay(DELAY_MS);
    await pause(forMs);
    for (const proxy of ways[store]) proxy.delay(0);
  });
});

export const hole = certain(async ({ ways, without }, { target, forMs }) => {
  const [store, side] = [storeOf(target), sideOf(target)];
  await without({ store, side }, () => swallowed([ways[store][side]], forMs));
});

/** Nobody reaches Postgres for longer than a lease: an outage, which spends nothing. */
export const outage = certain(({ ways, without }, { forMs }) =>
  without({ store: 'postgres' }, () => swallowed(ways.postgres, forMs)),
);

/** Half of the workers do not, and Postgres is up: their leases run out, as law 4 says. */
export const partition = certain(async ({ fleet, ways, without }, { target, forMs }) => {
  const side = sideOf(target);
  const hit = Array.from({ length: fleet.places }, (_, place) => place).filter((place) => place % 2 === side);
  const workers = hit.map((place) => fleet.worker(place)).filter((worker) => worker !== undefined);
  const mended = without({ store: 'postgres', side }, () => swallowed([ways.postgres[side]], forMs));
  const back = async (): Promise<Effect> => {
    await mended;
    await pause(BACK_MS);
    return 'took effect';
  };
  await Promise.all([mended, ...workers.map((worker) => worker.absent('cut off', back))]);
});

async function swallowed(proxies: readonly Proxy[], forMs: number): Promise<void> {
  for (const proxy of proxies) proxy.blackhole(true);
  await pause(forMs);
  for (const proxy of proxies) await proxy.heal();
}
