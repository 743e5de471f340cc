// What a process does about notices: it wakes the sender where some are due, and, once in a while and only where it leads,
// looks whether the queue is stuck and clears away what ended long ago. At rest it asks nothing: a tick tells it all.
import { describeError, sleep, type Clock, type Logger } from '@jobhive/config';
import type { IdleFacts, TickAnswer, TrackingRepository } from '@jobhive/db';
import type { NoticeSender } from './sender.ts';
import { STUCK_AFTER_SECONDS, stuckForSeconds } from './stuck.ts';

const DAY_SECONDS = 24 * 3600;
const AGES = { keptSeconds: DAY_SECONDS, triedSeconds: 7 * DAY_SECONDS };
const SWEEP_EVERY_MS = 600_000;
/** For the last words to Postgres. */
const END_MS = 500;

export interface Notices {
  /** After each tick; returns at once. */
  look(tick: Pick<TickAnswer, 'leads' | 'noticesDue' | 'paused' | 'waiting'>): void;
  /** Sends what is due now within the bound (0: begins nothing), then ends. What is left is sent by whoever comes next. */
  stop(boundMs: number): Promise<void>;
}

export interface NoticesParts {
  readonly repository: Pick<TrackingRepository, 'idleFacts' | 'noteStuck' | 'sweepNotices'>;
  readonly sender: NoticeSender;
  /** Of all living workers; null where nobody can tell. */
  readonly slots: () => Promise<number | null>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly stuckAfterSeconds?: number;
}

export function createNotices(parts: NoticesParts): Notices {
  const { sender, clock, log } = parts;
  const lookEveryMs = ((parts.stuckAfterSeconds ?? STUCK_AFTER_SECONDS) * 1000) / 3;
  let lookAtMs = -Infinity;
  let sweepAtMs = -Infinity;
  let leading: Promise<void> | undefined;

  const lead = async (waits: boolean): Promise<void> => {
    const nowMs = clock.monotonicMs();
    if (waits && nowMs >= lookAtMs) {
      lookAtMs = nowMs + lookEveryMs;
      await lookWhetherStuck(parts);
    }
    if (nowMs < sweepAtMs) return;
    sweepAtMs = nowMs + SWEEP_EVERY_MS;
    if (await sweep(parts)) sweepAtMs = nowMs;
  };
  return {
    look: ({ leads, noticesDue, paused, waiting }) => {
      if (noticesDue) sender.wake();
      if (!leads || leading !== undefined) return;
      leading = lead(waiting && !paused)
        .catch((error: unknown) => {
          log.event('notice.outbox_failed', describeError(error));
        })
        .finally(() => {
          leading = undefined;
        });
    },
    stop: async (boundMs) => {
      if (boundMs > 0) sender.wake();
      await within(boundMs, sender.idle());
      await within(END_MS, Promise.all([sender.stop(), leading])); // a Postgres that is away may not hold the end up
    },
  };
}

async function within(boundMs: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const bound = sleep(boundMs, over.signal).catch(() => undefined); // ended early: the work is done
  await Promise.race([work, bound]);
  over.abort();
}

async function lookWhetherStuck({ repository, sender, slots, log, stuckAfterSeconds }: NoticesParts): Promise<void> {
  const facts: IdleFacts = await repository.idleFacts();
  const seconds = stuckForSeconds({ ...facts, slots: await slots() }, stuckAfterSeconds);
  if (seconds === undefined) return;
  const id = await repository.noteStuck(seconds);
  if (id === undefined) return;
  log.event('notice.stuck', { notice_id: id, idle_seconds: Math.round(seconds) });
  sender.wake();
}

/** @returns whether there is more to clear away at once */
async function sweep({ repository, log }: NoticesParts): Promise<boolean> {
  const { givenUp, more } = await repository.sweepNotices(AGES);
  if (givenUp > 0) log.event('notice.given_up', { notices: givenUp });
  return more;
}
