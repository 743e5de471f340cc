// Puts on record that Redis was away and came back, so that a job's history can name that wait. Told by the worker that
// leads; one that becomes the leader in the middle tells only what it has seen itself.
import type { Clock } from '@jobhive/config';
import type { TrackingRepository } from '@jobhive/db';

export interface RedisOutage {
  /** @param isReady whether Redis answers now */
  look(isReady: boolean): Promise<void>;
}

export function createRedisOutage(
  repository: Pick<TrackingRepository, 'recordSystemEvent'>,
  clock: Clock,
): RedisOutage {
  let awaySinceMs: number | undefined;
  return {
    look: async (isReady) => {
      if (isReady === (awaySinceMs === undefined)) return;
      if (!isReady) {
        awaySinceMs = clock.monotonicMs();
        await repository.recordSystemEvent('redis_away');
        return;
      }
      const awayMs = Math.round(clock.monotonicMs() - (awaySinceMs ?? 0));
      awaySinceMs = undefined;
      await repository.recordSystemEvent('redis_back', { away_ms: awayMs });
    },
  };
}
