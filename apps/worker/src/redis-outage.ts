// Puts on record that Redis was away and came back, so that a job's history can name that wait. Told by the worker that
// leads, one of these for each time that it does: at its first look it also tells the end of an outage whose teller is gone.
// A write that fails is made at the next look.
import type { TrackingRepository } from '@jobhive/db';

export interface RedisOutage {
  /** @param isReady whether Redis answers now */
  look(isReady: boolean): Promise<void>;
}

export function createRedisOutage(repository: Pick<TrackingRepository, 'recordRedis'>): RedisOutage {
  let onRecord: boolean | undefined;
  return {
    look: async (isReady) => {
      if (isReady === onRecord) return;
      await repository.recordRedis(isReady);
      onRecord = isReady;
    },
  };
}
