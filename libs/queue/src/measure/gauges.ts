// The gauges of the whole system, brought up to date when they are asked for, in any app: at most once in 5 s, by one
// statement over the figures, one over the outbox, and one look at the registry. What cannot be told keeps its last value.
import type { Metrics } from '@jobhive/config';
import { listWorkers } from '../workers/registry.ts';
import { backlogSecondsPerWorker } from './backlog.ts';
import { living, readStatus, type StatusDocument, type StatusParts } from './status.ts';

export function keepGauges(metrics: Metrics, parts: StatusParts): void {
  metrics.onCollect(async () => {
    metrics.redisUp.set(parts.store.isReady ? 1 : 0);
    metrics.postgresUp.set(0);
    await parts.database.ping(); // by itself: the figures of a large record may take longer than a scrape waits
    metrics.postgresUp.set(1);
    const status = await readStatus(parts);
    metrics.redisUp.set(status.redis.ok ? 1 : 0);
    metrics.queueDepth.set(status.depth);
    metrics.queueDelayed.set(status.delayed);
    metrics.deadLetters.set(status.failed);
    metrics.queuePaused.set(status.paused ? 1 : 0);
    metrics.oldestWaitingSeconds.set(status.oldest_waiting_seconds ?? 0);
    metrics.noticesPending.set(await parts.repository.overdueNotices());
    if (status.workers.active === null) return;
    metrics.workersActive.set(status.workers.active);
    metrics.slotsFree.set(
      status.workers.list.reduce((sum, { slots, in_hand }) => sum + Math.max(0, slots - in_hand), 0),
    );
    metrics.backlogSecondsPerWorker.set(await backlog(parts, status));
  });
}

async function backlog({ store, keys, leaseMs }: StatusParts, status: StatusDocument): Promise<number> {
  const workers = status.depth === 0 ? [] : living(await listWorkers(store, keys), leaseMs);
  return backlogSecondsPerWorker({ depth: status.depth, workers, medianMs: status.execution_ms.p50 });
}
