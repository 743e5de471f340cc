// A reconciler whose clock is set by hand: its second looks and slow looks come when the test says.
import { createMetrics, type Metrics } from '@jobhive/config';
import type { TrackingRepository } from '@jobhive/db';
import { createReconciler } from '../../src/reconcile/reconciler.ts';
import { holderOf, type Stores } from '../stores.ts';

export interface TestReconciler {
  readonly metrics: Metrics;
  /** One look, with what a tick learns now. */
  look(): Promise<void>;
  /** Several, this many milliseconds of its clock apart. */
  looks(count: number, apartMs: number): Promise<void>;
  returnForgotten(jobId: string): Promise<void>;
  /** Repairs counted so far, by reason, without those that are 0. */
  repaired(): Promise<Record<string, number>>;
}

/** @param over what a test puts in the way of the record */
export function createReconcilerOf(stores: Stores, over: Partial<TrackingRepository> = {}): TestReconciler {
  let nowMs = 1_000_000;
  const metrics = createMetrics();
  const clock = { now: () => new Date(), monotonicMs: () => nowMs };
  const repository = { ...stores.open.repository, ...over };
  const reconciler = createReconciler({
    store: stores.store,
    keys: stores.keys,
    log: stores.log,
    repository,
    clock,
    metrics,
  });
  const holder = holderOf();
  const look = async (): Promise<void> => void (await reconciler.look(await repository.tick([], [], holder)));
  return {
    metrics,
    look,
    returnForgotten: (jobId) => reconciler.returnForgotten(jobId),
    looks: async (count, apartMs) => {
      for (let n = 0; n < count; n += 1) {
        nowMs += apartMs;
        await look();
      }
    },
    repaired: async () => {
      const { values } = await metrics.reconciledTotal.get();
      return Object.fromEntries(
        values.filter((one) => one.value > 0).map((one) => [String(one.labels.reason), one.value]),
      );
    },
  };
}

/** No jobs, an empty Redis that is whole, and a reconciler that knows whose Redis it is. */
export async function createReconcilerOfClean(stores: Stores): Promise<TestReconciler> {
  await stores.sql('DELETE FROM jobs');
  await stores.redis.clean();
  await stores.redis.client.set(stores.keys.whole, '1');
  const reconciler = createReconcilerOf(stores);
  await reconciler.look();
  reconciler.metrics.reconciledTotal.reset();
  return reconciler;
}
