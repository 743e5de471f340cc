/** What Redis holds, whole: the line, what is in hands, the dead letters, every key and whether a posting's words stand in it. */
import type { Redis } from 'ioredis';
import { POSTING_WORD, type RedisState } from './evidence.ts';

/** The queue of a run: the system's defaults. */
export const QUEUE = { queue: 'job_processing_queue', deadLetters: 'failed_jobs' };

export async function readRedis(client: Redis, names: { queue: string; deadLetters: string }): Promise<RedisState> {
  const key = (part: string): string => `bq:${names.queue}:${part}`;
  const keys = await client.keys('*');
  const lasting: string[] = [];
  const leaky: string[] = [];
  for (const name of keys) {
    if ((await client.pttl(name)) === -1) lasting.push(name);
    if (name.includes(POSTING_WORD) || (await textOf(client, name)).includes(POSTING_WORD)) leaky.push(name);
  }
  const scored = await client.zrange(names.deadLetters, '0', '-1', 'WITHSCORES');
  const pairs = scored.flat().map(String);
  const deadLetters = new Map<string, number>();
  for (let n = 0; n + 1 < pairs.length; n += 2) deadLetters.set(pairs[n] ?? '', Number(pairs[n + 1]));
  return {
    waiting: await client.lrange(key('waiting'), 0, -1),
    active: await client.lrange(key('active'), 0, -1),
    entries: await client.hkeys(key('jobs')),
    whole: (await client.exists('jobhive:whole')) === 1,
    deadLetters,
    lasting,
    leaky,
  };
}

async function textOf(client: Redis, key: string): Promise<string> {
  switch (await client.type(key)) {
    case 'string':
      return (await client.get(key)) ?? '';
    case 'list':
      return (await client.lrange(key, 0, -1)).join(' ');
    case 'set':
      return (await client.smembers(key)).join(' ');
    case 'zset':
      return (await client.zrange(key, '0', '-1')).join(' ');
    case 'hash':
      return JSON.stringify(await client.hgetall(key));
    default:
      return '';
  }
}
