// The only file that knows Bee-Queue. Its `process()` is the loop: it asks for a job while one of its `slots` is free and
// runs the handler. What is replaced, by the numbers of delivery-hazards.md, and why:
//  1–4, 6  its connections: never its own client, which would dial 127.0.0.1 or give up; ours are handed over as they are
//  5, 28   its scripts are not used; ours are sent again where they are unknown
//  7, 24   stall checks: off; lost work is found by Postgres, and nothing is moved to the end of the line
//  8, 9    timeouts and blocked loops: threads and tokens, above this file
//  10      ghosts: an id is handed on without its data; the claim says whether it is anybody's
//  11, 22, 27  close: what was taken goes back to its place; connections are dropped, QUIT is never awaited
//  12–14   retries, backoff and delays: never; to Bee-Queue every job succeeds
//  15, 16  nothing is stored: no events, no sets of the finished, no job objects
//  17      what a handler rejects with is logged, whatever it is
//  19      figures come from peek.ts
// Exact version pinned; a test holds our keys against the stock library's.
import BeeQueue from 'bee-queue';
import { describeError, type Logger } from '@jobhive/config';
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';
import { createAheadPolicy, type AheadPolicy } from './ahead.ts';
import { createTaker, giveUp, type Taker } from './take.ts';

/** Works on one id; resolves when its slot is free again. */
export type Handler = (jobId: string) => Promise<void>;

class GatedBeeQueue extends BeeQueue {
  private readonly store: RedisStore;
  private readonly taker: Taker;
  private readonly work: Handler;
  private readonly log: Logger;
  /** Ids on their way from the taker to the handler. */
  private readonly handed = new Set<string>();

  constructor(name: string, parts: { store: RedisStore; taker: Taker; work: Handler; log: Logger }) {
    super(name, {
      autoConnect: false,
      isWorker: true,
      getEvents: false,
      sendEvents: false,
      storeJobs: false,
      ensureScripts: false,
      activateDelayedJobs: false,
      removeOnSuccess: true,
      removeOnFailure: true,
    });
    this.store = parts.store;
    this.taker = parts.taker;
    this.work = parts.work;
    this.log = parts.log;
  }

  makeClient(clientName: 'client' | 'bclient'): Promise<unknown> {
    Object.assign(this, { [clientName]: this.store.client });
    return Promise.resolve(this.store.client);
  }

  async _getNextJob(): Promise<{ id: string } | null> {
    const id = await this.taker.next();
    if (id === null) return null;
    this.handed.add(id);
    return { id };
  }

  async _runJob(job: { id: string }): Promise<null> {
    this.handed.delete(job.id);
    try {
      await this.work(job.id);
    } catch (error) {
      this.log.event('queue.error', { job_id: job.id, ...describeError(error) });
    }
    return null;
  }

  _doStalledJobCheck(): Promise<number> {
    return Promise.resolve(0);
  }

  _preventStall(): Promise<void> {
    return Promise.resolve();
  }

  _activateDelayed(): void {
    // nothing is delayed in Redis
  }

  /** No further job is asked for. */
  halt(): void {
    this.paused = true;
  }

  /** What was handed over and not run: the library drops what reaches it after halt() (hazard 22). */
  takeDropped(): string[] {
    const dropped = [...this.handed];
    this.handed.clear();
    return dropped;
  }
}

export interface WorkLoop {
  start(): Promise<void>;
  /** Takes nothing new, gives back what it holds ahead; waits for the handlers that run. */
  stop(): Promise<void>;
  setGate(open: boolean): void;
  /** The line was empty at the last look. */
  readonly idle: boolean;
  /** How long a job held its slot, in milliseconds: decides how many are held ahead. */
  noteDuration(durationMs: number): void;
  readonly meanMs: number | undefined;
}

export function createWorkLoop(parts: {
  store: RedisStore;
  keys: Keys;
  queueName: string;
  slots: number;
  work: Handler;
  log: Logger;
}): WorkLoop {
  const { store, keys, log, slots } = parts;
  const ahead: AheadPolicy = createAheadPolicy(slots);
  const taker = createTaker({ store, keys, log, ahead: () => ahead.allowed });
  const running = new Set<Promise<void>>();
  const work: Handler = (jobId) => {
    const done = parts.work(jobId).finally(() => running.delete(done));
    running.add(done);
    return done;
  };
  const bee = new GatedBeeQueue(parts.queueName, { store, taker, work, log });
  bee.on('error', (error: Error) => {
    log.event('queue.error', describeError(error));
  });
  return {
    start: async () => {
      await bee.connect();
      bee.process(slots, () => Promise.resolve()); // the handler is `work`, by _runJob
      taker.setGate(true);
    },
    stop: async () => {
      bee.halt();
      await taker.stop();
      await new Promise(setImmediate); // what was handed over has reached the library by now
      await giveUp({ store, keys, log }, bee.takeDropped());
      await Promise.allSettled(running);
    },
    setGate: (open) => {
      taker.setGate(open);
    },
    get idle() {
      return taker.idle;
    },
    noteDuration: (durationMs) => {
      ahead.note(durationMs);
    },
    get meanMs() {
      return ahead.meanMs;
    },
  };
}
