// The parts of the notices of one process, wired to each other. Nothing is started and nothing is asked here.
import { systemClock, type Environment, type Logger } from '@jobhive/config';
import type { TrackingRepository } from '@jobhive/db';
import { living } from '../measure/status.ts';
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';
import { listWorkers } from '../workers/registry.ts';
import { createNotices, type Notices } from './notices.ts';
import { createPost } from './post.ts';
import { createNoticeSender, SENDS_NOTHING } from './sender.ts';

export type { Notices } from './notices.ts';

export interface OpenNoticesParts {
  readonly environment: Pick<Environment, 'notifyWebhookUrl' | 'notifyWebhookSecret' | 'leaseSeconds'>;
  readonly open: { readonly repository: TrackingRepository; readonly redis: RedisStore; readonly keys: Keys };
  /** Of this process. */
  readonly holder: string;
  readonly log: Logger;
  /** It is no worker: that none lives it can see, and without an address it leaves the outbox to those who may have one. */
  readonly watching?: boolean;
}

export function openNotices({ environment, open, holder, log, watching = false }: OpenNoticesParts): Notices {
  const { notifyWebhookUrl: url, notifyWebhookSecret: secret, leaseSeconds } = environment;
  const { repository, redis: store, keys } = open;
  const clock = systemClock;
  const post = url === undefined ? undefined : createPost({ url, secret, clock });
  const slots = async (): Promise<number | null> => {
    if (!store.isReady) return null;
    const workers = living(await listWorkers(store, keys), leaseSeconds * 1000);
    if (workers.length === 0 && !watching) return null; // the worker that asks lives: Redis was emptied
    return workers.reduce((sum, worker) => sum + worker.slots, 0);
  };
  const leaves = watching && post === undefined;
  const sender = leaves ? SENDS_NOTHING : createNoticeSender({ repository, post, holder, clock, log });
  return createNotices({ repository, sender, slots, clock, log });
}
