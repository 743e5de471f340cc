/** What happens to Redis: killed and started with all, less or none of its data; emptied; its scripts, connections, room gone. */
import { cp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { World } from '../world.ts';
import { certain, type Fault } from './fault.ts';

const DATA = 'appendonlydir';
const COPY_AGE_MS = 3000;

/** Killed, `change` done to its data, down for the step's time, started again. */
function restarted(change: (folder: string) => Promise<void>): Fault {
  return certain((world, { forMs }) => restart(world, forMs, change));
}

function restart({ redis, without }: World, downMs: number, change: (folder: string) => Promise<void>): Promise<void> {
  return without({ store: 'redis' }, async () => {
    await redis.kill();
    await change(redis.dataDir);
    await pause(downMs);
    await redis.restart();
  });
}

export const killRedis = restarted(() => Promise.resolve());

export const emptyRedis = restarted((folder) => rm(join(folder, DATA), { recursive: true, force: true }));

/** What was appended within the last second goes, as it does when the machine loses power. */
export const loseTail = certain(async (world, { forMs }) => {
  const file = await appendedFile(world.redis.dataDir);
  const before = file === undefined ? 0 : (await stat(file)).size;
  await pause(1000);
  await restart(world, forMs, async () => {
    const after = await appendedFile(world.redis.dataDir);
    if (after !== undefined && after === file) await truncate(after, before);
  });
});

/** Started with a copy of its data that was made some seconds before. */
export const oldCopy = certain(async (world, { forMs }) => {
  const data = join(world.redis.dataDir, DATA);
  const copy = join(world.redis.dataDir, 'copy');
  await rm(copy, { recursive: true, force: true });
  await cp(data, copy, { recursive: true });
  await pause(COPY_AGE_MS);
  await restart(world, forMs, async () => {
    await rm(data, { recursive: true, force: true });
    await cp(copy, data, { recursive: true });
  });
});

export const flushAll = certain(async ({ redisAdmin }) => void (await redisAdmin.flushall()));

export const flushScripts = certain(async ({ redisAdmin }) => void (await redisAdmin.script('FLUSH')));

/** Away only while it is done: whoever was connected dials again. */
export const killClients = certain(({ redisAdmin, without }) =>
  without({ store: 'redis' }, () => redisAdmin.call('CLIENT', 'KILL', 'SKIPME', 'yes')),
);

export const refuseWrites = certain(({ redisAdmin, without }, { forMs }) =>
  without({ store: 'redis' }, async () => {
    await redisAdmin.config('SET', 'maxmemory', '1');
    await pause(forMs);
    await redisAdmin.config('SET', 'maxmemory', '0');
  }),
);

async function appendedFile(folder: string): Promise<string | undefined> {
  const names = await readdir(join(folder, DATA)).catch(() => []); // none yet
  const last = names
    .filter((name) => name.endsWith('.incr.aof'))
    .sort()
    .at(-1);
  return last === undefined ? undefined : join(folder, DATA, last);
}
