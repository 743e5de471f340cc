// The stock, unmodified Bee-Queue beside ours, on a connection of its own; what it does shows that a hazard exists.
import BeeQueue from 'bee-queue';
import type { RedisSide } from './stores.ts';

export interface Stock {
  readonly queue: BeeQueue;
  /** What it emitted as errors. */
  readonly errors: Error[];
  /** Drops its connections, whatever it has in hand. */
  close(): Promise<void>;
}

export function stockQueue(
  { redis, queueName }: Pick<RedisSide, 'redis' | 'queueName'>,
  settings: BeeQueue.QueueSettings = {},
): Stock {
  const queue = new BeeQueue(queueName, { redis: { port: redis.port }, ...settings });
  const errors: Error[] = [];
  queue.on('error', (error) => errors.push(error));
  return { queue, errors, close: () => queue.close(100).catch(() => undefined) };
}

/** Saves a job under this id, as a producer with the stock library would. */
export async function saveStock(queue: BeeQueue, jobId: string): Promise<string | null> {
  return (await queue.createJob({}).setId(jobId).save()).id; // null where the id was there, against its types
}
