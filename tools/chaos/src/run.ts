/**
 * One run: the world up, jobs discovered, workers started, producers and faults together, then quiet until all is settled (or
 * the bound is over), the workers ended in order, and the evidence gathered. It judges nothing.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Evidence, Injected } from './evidence.ts';
import { gather } from './gather.ts';
import { injectAll } from './inject.ts';
import type { Plan } from './plan.ts';
import { insertPostings } from './postings.ts';
import { QUEUE, readRedis } from './read-redis.ts';
import { createOperators, type Operators } from './operators.ts';
import { createProducers, type Producers } from './producers.ts';
import { readMetrics } from './read-metrics.ts';
import { startSightings } from './sightings.ts';
import { startWatch, type Standing, type Watch } from './watch.ts';
import { openWorld, type World } from './world.ts';

export interface RunOptions {
  readonly plan: Plan;
  readonly folder: string;
  readonly dist: string;
  readonly onLook: (standing: Standing, world: World, injected: number) => void;
  readonly stopping: AbortSignal;
}

/** After the last fault: what is in line by then, and the slowest of retries, may take this long, and as long as the run did. */
const DRAIN_MS = 90_000;
/** After the last job: until Redis is as it should be at rest, which the reconciler sees to in pages, each some seconds. */
const REST_MS_MAX = 60_000;
const START_MS_MAX = 60_000;
const LOOK_MS = 200;
const END_MARGIN_MS = 5000;

export async function runPlan(options: RunOptions): Promise<Evidence> {
  const world = await openWorld(options);
  const producers = createProducers(world);
  const operators = createOperators(world, producers.enqueued);
  const injected: Injected[] = [];
  const watch = startWatch(world, (standing) => {
    options.onLook(standing, world, injected.length);
  });
  const sightings = startSightings(world);
  try {
    await insertPostings(world.admin, options.plan.jobIds);
    world.fleet.start();
    await allThere(world, options.stopping);
    const overdue = await load(options, world, { producers, operators, watch, injected });
    const metrics = await readMetrics(world.opsPorts);
    overdue.push(...metrics.overdue, ...(await world.fleet.close(world.plan.graceSeconds * 1000 + END_MARGIN_MS)));
    const [{ enqueued }, { calls }, { taken }, { handovers }] = [producers, operators, sightings, watch];
    return await gather(world, {
      enqueued,
      calls,
      faults: injected,
      taken,
      handovers,
      leakyMetrics: metrics.leaky,
      overdue,
    });
  } finally {
    await Promise.all([watch.stop(), sightings.stop()]);
    await Promise.all([producers.close(), operators.close()]);
    await world.stop();
  }
}

/** Faults that fall on workers which are not up yet show little. */
async function allThere({ plan, redisAdmin }: World, stopping: AbortSignal): Promise<void> {
  for (
    const until = Date.now() + START_MS_MAX;
    Date.now() < until;
    await pause(LOOK_MS, undefined, { signal: stopping })
  ) {
    if ((await redisAdmin.hlen('jobhive:workers')) >= plan.workers) return;
  }
  throw new Error(`${String(plan.workers)} workers were not up within ${String(START_MS_MAX)} ms`);
}

async function load(
  { plan, stopping }: RunOptions,
  world: World,
  parts: { producers: Producers; operators: Operators; watch: Watch; injected: Injected[] },
): Promise<string[]> {
  const { producers, operators, watch, injected } = parts;
  const startMs = Date.now();
  const failed = new AbortController();
  const either = AbortSignal.any([stopping, failed.signal]);
  try {
    await Promise.all([
      producers.run(startMs, either),
      operators.run(startMs, either),
      injectAll(world, startMs, () => watch.now, either, injected),
    ]);
    await operators.tidy(either);
  } catch (error) {
    failed.abort(error);
    stopping.throwIfAborted();
    throw error;
  }
  stopping.throwIfAborted();
  const boundMs = DRAIN_MS + plan.durationMs;
  const drained = await settled(plan, watch, boundMs, stopping);
  await untilAtRest(world, stopping);
  const late = drained ? [] : [`not all jobs were settled ${String(boundMs)} ms after the last fault`];
  return [...producers.overdue, ...operators.overdue, ...late];
}

async function settled(plan: Plan, watch: Watch, boundMs: number, stopping: AbortSignal): Promise<boolean> {
  for (const until = Date.now() + boundMs; Date.now() < until; await pause(LOOK_MS, undefined, { signal: stopping })) {
    if (watch.now.settled === plan.jobs) return true;
  }
  return false;
}

/** Whether it was, is for the judge to say. */
async function untilAtRest({ admin, redisAdmin }: World, stopping: AbortSignal): Promise<void> {
  for (
    const until = Date.now() + REST_MS_MAX;
    Date.now() < until;
    await pause(LOOK_MS, undefined, { signal: stopping })
  ) {
    const { rows } = await admin.query<{ failed: number }>(
      `SELECT count(*)::int AS failed FROM application_tracking WHERE status = 'failed'`,
    );
    const { waiting, active, entries, deadLetters } = await readRedis(redisAdmin, QUEUE);
    if (waiting.length + active.length + entries.length === 0 && deadLetters.size === rows[0]?.failed) return;
  }
}
