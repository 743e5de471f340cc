// What this worker tells of itself: its heartbeat in the registry, and once a minute, while there is work, a line in the
// log with the rate and depth of the queue.
import { createSleeper, describeError, type Logger } from '@jobhive/config';
import type { Outcome } from '@jobhive/db';
import type { JobQueue, Registration, WorkerReport } from '@jobhive/queue';
import { hostname } from 'node:os';
import type { Hands } from './hands.ts';

const BEAT_MS = 1000;
const RATE_EVERY_BEATS = 60;

export interface Figures {
  report(): WorkerReport;
  settled(kind: Outcome['kind']): void;
}

export function createFigures(parts: {
  hands: Hands;
  slots: number;
  meanMs: () => number | undefined;
  since: Date;
}): Figures {
  let processed = 0;
  let failed = 0;
  const host = hostname();
  return {
    report: () => {
      const last = parts.hands.all.at(-1);
      return {
        host,
        pid: process.pid,
        since: parts.since.toISOString(),
        job_id: last?.claim.jobId ?? null,
        stage: last?.stage ?? null,
        progress: last?.progress ?? null,
        processed,
        failed,
        slots: parts.slots,
        in_hand: parts.hands.all.length,
        mean_ms: parts.meanMs() ?? null,
      };
    },
    settled: (kind) => {
      if (kind === 'processed') processed += 1;
      if (kind === 'failed') failed += 1;
    },
  };
}

export interface Heartbeat {
  start(): void;
  stop(): Promise<void>;
}

export function createHeartbeat(parts: {
  registration: Registration;
  figures: Figures;
  queue: Pick<JobQueue, 'status'>;
  log: Logger;
  beatMs?: number;
}): Heartbeat {
  const { registration, figures, log, beatMs = BEAT_MS } = parts;
  const sleeper = createSleeper();
  let stopped = false;
  let loop: Promise<void> | undefined;
  let lastTotal = 0;

  const beat = async (): Promise<void> => {
    if (!(await registration.beat(figures.report()))) log.event('worker.name_lost');
  };
  const tellRate = async (): Promise<void> => {
    const { processed, failed, job_id } = figures.report();
    const total = processed + failed;
    const status = await parts.queue.status();
    if (total === lastTotal && job_id === null && status.depth === 0) return;
    lastTotal = total;
    log.event('worker.rate', { rate_per_minute: status.rate_per_minute, depth: status.depth, failed: status.failed });
  };
  let failing = false;
  const tellFailure = (result: PromiseSettledResult<void>): void => {
    if (result.status === 'rejected' && !failing) log.event('worker.heartbeat_failed', describeError(result.reason));
    failing = result.status === 'rejected';
  };
  const run = async (): Promise<void> => {
    for (let beats = 1; !stopped; beats += 1) {
      await sleeper.sleep(beatMs);
      if (stopped) return;
      const [beaten] = await Promise.allSettled([beat()]);
      tellFailure(beaten);
      if (beats % RATE_EVERY_BEATS === 0 && !failing) await tellRate().catch(() => undefined); // Postgres is away: the tick says so
    }
  };
  return {
    start: () => {
      loop ??= run();
    },
    stop: async () => {
      stopped = true;
      sleeper.wake();
      await loop;
    },
  };
}
