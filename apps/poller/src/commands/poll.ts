// `poller` and `poller --once`: the parts built, started in order and stopped in reverse. Once: what it needs has to be
// there. Otherwise it waits for services that are away, with health and metrics served meanwhile; a database without
// migrations, a refused password or a file that is not there end it at the start, since only an operator mends those.
import { randomUUID } from 'node:crypto';
import {
  cappedBackoff,
  createMetrics,
  createOpsServer,
  sleep,
  startInOrder,
  stopInReverse,
  systemClock,
  type Service,
} from '@jobhive/config';
import { createNoticeWatch, openQueue, requireServices, type OpenQueue } from '@jobhive/queue';
import { isAway } from '../outage.ts';
import { pollOnce } from '../poll-once.ts';
import type { PollParts } from '../poll-source.ts';
import { createPoller } from '../poller.ts';
import type { CommandParts } from '../run-command.ts';
import { defaultSources } from '../sources/default-sources.ts';
import { parseSources } from '../sources/parse-source.ts';
import type { Source } from '../sources/source.ts';

export interface PollAsk {
  readonly sources: readonly string[];
  readonly once: boolean;
  readonly autoEnqueue: boolean | undefined;
}

/** Kept free of the time that a stop may take beyond SHUTDOWN_GRACE. */
const STOP_BOUND_OVER_GRACE_MS = 3_000;
const AWAY = { baseMs: 250, capMs: 1_500 };

export async function poll(parts: CommandParts, ask: PollAsk): Promise<void> {
  const { environment, log, print, shutdown } = parts;
  const configured = ask.sources.length > 0 ? ask.sources : (environment.pollSources ?? defaultSources());
  const sources = parseSources(configured);
  const autoEnqueue = ask.autoEnqueue ?? environment.autoEnqueue;
  if (!ask.once) for (const source of sources) await source.check();

  const metrics = createMetrics();
  const open = openQueue({ environment, log, role: 'producer', metrics, applicationName: 'jobhive-poller' });
  const { queue, repository } = open;
  for (const { name: source } of sources) {
    for (const outcome of ['succeeded', 'failed', 'interrupted']) metrics.pollsTotal.inc({ source, outcome }, 0);
  }
  const pollParts = { repository, queue, metrics, log, print, autoEnqueue };
  const services: Service[] = [{ name: 'stores', start: () => Promise.resolve(), stop: () => open.stop() }];
  if (environment.opsPort !== undefined) services.push(opsServer(environment.opsPort, open, parts, autoEnqueue));
  try {
    await startInOrder(services, log);
    if (ask.once) await once(sources, pollParts, open, parts);
    else await goOn(sources, pollParts, open, parts, services);
  } finally {
    const boundMs = environment.shutdownGraceSeconds * 1_000 + STOP_BOUND_OVER_GRACE_MS;
    await stopInReverse(services, { boundMs }, log);
  }
  // An interrupted poll is no failure.
  if (ask.once && shutdown.aborted) log.info('poll interrupted');
}

async function once(
  sources: readonly Source[],
  pollParts: PollParts,
  open: OpenQueue,
  { environment, shutdown }: CommandParts,
): Promise<void> {
  const needs = { redis: pollParts.autoEnqueue, postgres: true, migrated: true };
  await unlessAborted(requireServices(open, needs), shutdown);
  await pollOnce(sources, pollParts, environment.pollIntervalSeconds, shutdown);
}

/** @param services gets what is started here, to be stopped before the others */
async function goOn(
  sources: readonly Source[],
  pollParts: PollParts & { readonly repository: OpenQueue['repository'] },
  open: OpenQueue,
  { environment, shutdown }: CommandParts,
  services: Service[],
): Promise<void> {
  await waitForServices(open, pollParts, shutdown);
  const poller = createPoller(sources, {
    ...pollParts,
    holder: randomUUID(),
    intervalSeconds: environment.pollIntervalSeconds,
    clock: systemClock,
    random: Math.random,
  });
  const watch = createNoticeWatch({ environment, open, log: pollParts.log });
  services.push(watch, poller);
  await watch.start();
  await poller.start();
  await new Promise<void>((resolve) => {
    if (shutdown.aborted) resolve();
    shutdown.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function waitForServices(open: OpenQueue, { autoEnqueue, log }: PollParts, shutdown: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await unlessAborted(requireServices(open, { redis: autoEnqueue, postgres: true, migrated: true }), shutdown);
      return;
    } catch (error) {
      if (shutdown.aborted || !isAway(error)) throw error;
      // isAway has seen that it is an error of ours, or of a driver; its message names the service and no secret.
      if (tries === 1) log.warn(`${(error as Error).message}; the poller waits for it`);
      await sleep(cappedBackoff(tries, AWAY), shutdown);
    }
  }
}

/** The work's end, or the signal's reason: a program that is asked to end does not wait for a service that is away. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const over = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: over.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    over.abort();
  }
}

function opsServer(port: number, open: OpenQueue, { log }: CommandParts, autoEnqueue: boolean): Service {
  const postgres = { name: 'postgres', check: async () => void (await open.database.ping()) };
  const redis = { name: 'redis', check: async () => void (await open.redis.ping()) };
  return createOpsServer({ port, metrics: open.metrics, log, checks: autoEnqueue ? [postgres, redis] : [postgres] });
}
