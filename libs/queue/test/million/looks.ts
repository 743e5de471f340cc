// What the reconciler costs with a million jobs in line: its looks where nothing differs, one cancelled job deep in the line, and
// whole passes. Started by hand, on private servers that are thrown away; never in CI:
//   npx tsx libs/queue/test/million/looks.ts [--jobs 1000000] [--looks 200]
// Prints medians in ms, as the reconciler waited for them, and the time that Redis itself spent on its commands.
import { parseArgs } from 'node:util';
import type { TrackingRepository } from '@jobhive/db';
import { startPrivatePostgres } from '@jobhive/test-kit';
import { dropFromLine, lineFromHead } from '../../src/delivery/acknowledge.ts';
import { deliverMissing } from '../../src/delivery/deliver.ts';
import { peek } from '../../src/delivery/peek.ts';
import { dropGhosts, PAGE, passRedisLine, passWholeLine, passWholeRedisLine } from '../../src/reconcile/pass.ts';
import { createReconciler } from '../../src/reconcile/reconciler.ts';
import { holderOf, openStores, type Stores } from '../stores.ts';

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '1000000' }, looks: { type: 'string', default: '200' } },
});
const [jobs, looks] = [Number(values.jobs), Number(values.looks)];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

function median(times: readonly number[]): string {
  return (times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0).toFixed(2);
}

/** Adds up how long one store was waited for. */
interface Meter {
  ms: number;
  longestMs: number;
}

function meter(): Meter & { timed<T>(work: Promise<T>): Promise<T> } {
  return {
    ms: 0,
    longestMs: 0,
    async timed(work) {
      const from = performance.now();
      try {
        return await work;
      } finally {
        const tookMs = performance.now() - from;
        this.ms += tookMs;
        this.longestMs = Math.max(this.longestMs, tookMs);
      }
    },
  };
}

type Ask = (...args: unknown[]) => Promise<unknown>;

function metered(stores: Stores) {
  const [redis, sql] = [meter(), meter()];
  const asks = Object.entries(stores.open.repository as unknown as Record<string, Ask>).map(
    ([name, ask]) => [name, (...args: unknown[]) => sql.timed(ask(...args))] as const,
  );
  const parts = {
    keys: stores.keys,
    log: stores.log,
    store: { ...stores.store, run: ((work) => redis.timed(stores.store.run(work))) as Stores['store']['run'] },
    repository: Object.fromEntries(asks) as unknown as TrackingRepository, // each ask by its own name
  };
  return { parts, redis, sql };
}

/** Commands that the server ran, those of scripts among them: how many, and for how long. */
async function serverSide(stores: Stores): Promise<{ calls: Map<string, number>; us: number }> {
  const text = await stores.redis.client.info('commandstats');
  const rows = [...text.matchAll(/^cmdstat_([a-z|]+):calls=(\d+),usec=(\d+)/gm)].filter(
    ([, name = '']) => name !== 'info' && !name.startsWith('config'),
  );
  const scripts = rows.filter(([, name = '']) => /^eval|^lrange$/.test(name)); // what scripts run is in their time
  return {
    calls: new Map(rows.map(([, name = '', calls]) => [name, Number(calls)])),
    us: scripts.reduce((sum, [, , , us]) => sum + Number(us), 0),
  };
}

async function fill(stores: Stores): Promise<void> {
  await stores.queuedOnRecord(jobs);
  const { repository } = stores.open;
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: Awaited<ReturnType<typeof repository.waitingPage>> = await repository.waitingPage(after, PAGE);
    await deliverMissing(stores.store, stores.keys, page, true);
    after = page.at(-1)?.queueSeq;
  }
  await stores.sql('VACUUM (ANALYZE)');
}

const LOOKS = [
  { name: 'a look (what is there, a page of what waits)', stepMs: 1 },
  { name: 'a slow look (also a page of the line and of the dead letters)', stepMs: 5000 },
];

interface Times {
  readonly look: number[];
  readonly redis: number[];
  readonly sql: number[];
}

async function measureLooks(stores: Stores): Promise<void> {
  const { parts, redis, sql } = metered(stores);
  let nowMs = 0;
  const clock = { now: () => new Date(), monotonicMs: () => nowMs };
  const reconciler = createReconciler({ ...parts, clock });
  const { runId } = await peek(stores.store, stores.keys);
  const told = { ...(await stores.open.repository.tick([], [], holderOf())), redisRunId: runId };
  await reconciler.look(told);
  for (const { name, stepMs } of LOOKS) {
    const times: Times = { look: [], redis: [], sql: [] };
    await stores.redis.client.config('RESETSTAT');
    for (let n = 0; n < looks; n += 1) {
      nowMs += stepMs;
      [redis.ms, sql.ms] = [0, 0];
      const from = performance.now();
      await reconciler.look(told);
      times.look.push(performance.now() - from);
      times.redis.push(redis.ms);
      times.sql.push(sql.ms);
    }
    const { calls, us } = await serverSide(stores);
    const each = [...calls].map(([command, count]) => `${command} ${(count / looks).toFixed(1)}`).join(', ');
    say(`${name}: ${median(times.look)} ms, of it Redis ${median(times.redis)}, SQL ${median(times.sql)}`);
    say(`  Redis itself ${(us / looks / 1000).toFixed(2)} ms; commands: ${each}`);
  }
}

async function measureDeepCancels(stores: Stores): Promise<void> {
  const place = Math.floor(jobs * 0.9);
  const { parts, redis } = metered(stores);
  const [script, page]: [number[], number[]] = [[], []];
  for (let n = 0; n < looks; n += 1) {
    const [id = ''] = await lineFromHead(stores.store, stores.keys, place, place);
    const from = performance.now();
    await dropFromLine(stores.store, stores.keys, { from: place - PAGE, to: place + PAGE - 1 }, [id]);
    script.push(performance.now() - from);
    const [cancelled = ''] = await lineFromHead(stores.store, stores.keys, place, place);
    await stores.open.repository.cancel([cancelled], 'looks');
    redis.ms = 0;
    if ((await passRedisLine(parts, place)).dropped !== 1) throw new Error(`${cancelled} was not dropped`);
    page.push(redis.ms);
  }
  say(
    `one cancelled job at place ${String(place)}: dropped in ${median(script)} ms, its page in ${median(page)} ms of Redis`,
  );
}

async function measurePasses(stores: Stores): Promise<void> {
  const ids: string[] = [];
  for (let place = 0; place < jobs; place += PAGE) {
    ids.push(...(await lineFromHead(stores.store, stores.keys, place, place)));
  }
  await stores.open.repository.cancel(ids, 'looks');
  const passes = [
    ['the whole line, with a cancelled job a page', (parts) => passWholeRedisLine(parts)],
    ['ghosts', (parts) => dropGhosts(parts)],
    ['all that waits', (parts) => passWholeLine(parts, 0, { anyway: false, minAgeMs: 0, reason: 'not_in_redis' })],
  ] as const satisfies readonly [string, (parts: ReturnType<typeof metered>['parts']) => Promise<unknown>][];
  for (const [name, pass] of passes) {
    const { parts, redis, sql } = metered(stores);
    const from = performance.now();
    const found = await pass(parts);
    const [whole = '', ...parted] = [performance.now() - from, redis.ms, sql.ms].map((ms) => (ms / 1000).toFixed(1));
    say(`a pass over ${name}: found ${String(found)} in ${whole} s (Redis, SQL: ${parted.join(', ')})`);
    say(`  its longest call of Redis ${redis.longestMs.toFixed(0)} ms`);
  }
}

const postgres = await startPrivatePostgres();
process.env['JOBHIVE_TEST_DATABASE_URL'] = postgres.url;
const stores = await openStores();
try {
  await fill(stores);
  await measureLooks(stores);
  await measureDeepCancels(stores);
  await measurePasses(stores);
} finally {
  await stores.stop();
  await postgres.remove();
}
