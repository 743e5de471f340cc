// The gauges of the whole system, brought up to date when they are asked for, in any app.
import type { Metrics } from '@jobhive/config';
import { readStatus, type StatusParts } from './status.ts';

export function keepGauges(metrics: Metrics, parts: StatusParts): void {
  metrics.onCollect(async () => {
    metrics.redisUp.set(parts.store.isReady ? 1 : 0);
    metrics.postgresUp.set(0);
    const status = await readStatus(parts);
    metrics.postgresUp.set(1);
    metrics.redisUp.set(status.redis.ok ? 1 : 0);
    metrics.queueDepth.set(status.depth);
    metrics.queueDelayed.set(status.delayed);
    metrics.deadLetters.set(status.failed);
    metrics.oldestWaitingSeconds.set(status.oldest_waiting_seconds ?? 0);
    if (status.workers.active !== null) metrics.workersActive.set(status.workers.active);
  });
}
