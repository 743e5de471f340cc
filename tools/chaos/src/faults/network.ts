/** What happens on the way: connections cut, answers delayed, bytes swallowed; for one way (half of the workers) or both. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Proxy } from '@jobhive/test-kit';
import type { World } from '../world.ts';
import type { Fault } from './fault.ts';

const DELAY_MS = 120;
/** After a hole is mended a worker has to dial again and renew before it can be called present. */
const BACK_MS = 1000;

const side = (target: number): 0 | 1 => (target % 2 === 0 ? 0 : 1);
const storeOf = (target: number): 'redis' | 'postgres' => ((target >> 1) % 2 === 0 ? 'redis' : 'postgres');

export const cut: Fault = async ({ ways, without }, { target }) => {
  const store = storeOf(target);
  await without(store, () => Promise.resolve(ways[store][side(target)].cut()));
};

export const delay: Fault = async ({ ways, without }, { target, forMs }) => {
  const store = storeOf(target);
  await without(store, async () => {
    for (const proxy of ways[store]) proxy.delay(DELAY_MS);
    await pause(forMs);
    for (const proxy of ways[store]) proxy.delay(0);
  });
};

export const hole: Fault = async ({ ways, without }, { target, forMs }) => {
  const store = storeOf(target);
  await without(store, () => swallowed([ways[store][side(target)]], forMs));
};

/** Nobody reaches Postgres for longer than a lease: an outage, which spends nothing. */
export const outage: Fault = ({ ways, without }, { forMs }) =>
  without('postgres', () => swallowed(ways.postgres, forMs));

/** Half of the workers do not, and Postgres is up: their leases run out, as law 4 says. */
export const partition: Fault = async (world, { target, forMs }) => {
  const hit = side(target);
  const places = Array.from({ length: world.fleet.places }, (_, place) => place).filter((place) => place % 2 === hit);
  const rest = async (): Promise<void> => {
    await swallowed([world.ways.postgres[hit]], forMs);
    await pause(BACK_MS);
  };
  await world.without('postgres', () => absentAll(world, places, rest));
};

function absentAll(world: World, places: readonly number[], during: () => Promise<void>): Promise<void> {
  const [first, ...others] = places;
  if (first === undefined) return during();
  return world.fleet.absent(first, 'cut off', () => absentAll(world, others, during));
}

async function swallowed(proxies: readonly Proxy[], forMs: number): Promise<void> {
  for (const proxy of proxies) proxy.blackhole(true);
  await pause(forMs);
  for (const proxy of proxies) await proxy.heal();
}
