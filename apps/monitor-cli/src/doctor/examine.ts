// Looks at both stores for the doctor: reads only, each store within a bound, and a store that does not answer is a fact.
// The two cannot be seen at one moment: a difference counts only where it is still there at a second look.
import { sleep, type Clock, type Environment } from '@jobhive/config';
import { NotMigratedError, pendingMigrations } from '@jobhive/db';
import { peek, requireServices, type OpenQueue } from '@jobhive/queue';
import { checkStores } from './checks/stores.ts';
import type { Away, DoctorFacts, PostgresFacts, RedisFacts } from './facts.ts';

const PINGS = 5;
/** What the reconciler takes to mend, and more than a push is under way. */
const SECOND_LOOK_MS = 2500;

const reason = (error: unknown): Away => ({ away: error instanceof Error ? error.message : String(error) });

interface Timed<T> {
  readonly value: T;
  readonly ms: number;
  /** The middle of the question, by this machine's clock. */
  readonly atMs: number;
}

async function timed<T>(clock: Clock, ask: () => Promise<T>): Promise<Timed<T>> {
  const [fromMs, startedMs] = [clock.now().getTime(), clock.monotonicMs()];
  const value = await ask();
  const ms = clock.monotonicMs() - startedMs;
  return { value, ms, atMs: fromMs + ms / 2 };
}

async function queueFacts({ repository }: OpenQueue): Promise<PostgresFacts['queue']> {
  try {
    const [state, figures] = await Promise.all([repository.queueStateFacts(), repository.figures()]);
    return { state, figures };
  } catch (error) {
    if (error instanceof NotMigratedError) return null;
    throw error;
  }
}

async function examinePostgres(open: OpenQueue, clock: Clock): Promise<PostgresFacts | Away> {
  try {
    await requireServices(open, { postgres: true, redis: false, migrated: false });
    const pending = await pendingMigrations(open.database);
    const { value: server, atMs } = await timed(clock, () => open.repository.serverFacts());
    const latencyMs = await quickest(() => open.database.ping());
    const queue = await queueFacts(open);
    return { server, pending, latencyMs, clockAheadMs: server.now.getTime() - atMs, queue };
  } catch (error) {
    return reason(error);
  }
}

/** The quickest of some: how far away the store is, not how busy this machine was just then. */
async function quickest(ask: () => Promise<number>): Promise<number> {
  let ms = Infinity;
  for (let n = 0; n < PINGS; n += 1) ms = Math.min(ms, await ask());
  return ms;
}

async function examineRedis(open: OpenQueue, clock: Clock): Promise<RedisFacts | Away> {
  const { redis, queue, keys } = open;
  try {
    await requireServices(open, { postgres: false, redis: true, migrated: false });
    const [server, memory, persistence, workers, seen] = await Promise.all([
      redis.info('server'),
      redis.info('memory'),
      redis.info('persistence'),
      queue.workers(),
      peek(redis, keys),
    ]);
    const { value: serverMs, atMs } = await timed(clock, () => redis.timeMs());
    const latencyMs = await quickest(() => redis.ping());
    const version = server['redis_version'] ?? '';
    return { version, memory, persistence, workers, peek: seen, clockAheadMs: serverMs - atMs, latencyMs };
  } catch (error) {
    return reason(error);
  }
}

async function look(open: OpenQueue, environment: Environment, clock: Clock): Promise<DoctorFacts> {
  const [postgres, redis] = await Promise.all([examinePostgres(open, clock), examineRedis(open, clock)]);
  return { environment, postgres, redis };
}

export async function examine(open: OpenQueue, environment: Environment, clock: Clock): Promise<DoctorFacts> {
  const seen = await look(open, environment, clock);
  if (checkStores(seen).every(({ severity }) => severity === 'ok')) return seen;
  await sleep(SECOND_LOOK_MS);
  return look(open, environment, clock);
}
