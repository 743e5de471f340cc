// Empties the outbox: one process at a time (the lease), a few POSTs at once, each job's notices one after another. A receiver
// that takes nothing is left alone for a while, longer each time, at most 10 s. Whatever dies in the middle, what is not on
// record as delivered is sent again under its id. It never rejects, and nobody waits for it but stop().
import { cappedBackoff, describeError, type Clock, type Logger } from '@jobhive/config';
import { NOTICE_LEASE, type Notice, type NoticeDelivery, type TrackingRepository } from '@jobhive/db';
import { createLately } from './lately.ts';
import { againSeconds, burstDelaySeconds, planNotices } from './plan.ts';
import type { Post, PostResult } from './post.ts';
import { bodyOf } from './body.ts';

export type NoticeStore = Pick<
  TrackingRepository,
  'claimNotices' | 'gatherNotices' | 'recordDeliveries' | 'leaveLease'
>;

export interface NoticeSender {
  /** Sends what is due, unless it does already or the receiver is left alone. */
  wake(): void;
  /** Resolves when what was begun has come to its end. */
  idle(): Promise<void>;
  /** Ends what is under way; what was not taken yet is sent later, by whoever comes next. */
  stop(): Promise<void>;
}

export interface NoticeSenderParts {
  readonly repository: NoticeStore;
  /** Undefined: nobody is to be told but the log. */
  readonly post: Post | undefined;
  /** Of this process. */
  readonly holder: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export const SENDS_NOTHING: NoticeSender = {
  wake: () => undefined,
  idle: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};

const PAGE_MAX = 64;
const AT_ONCE = 8;
const LEASE_MS = 60_000;
/** No further POST is begun this long after the lease was asked for: each takes at most 5 s. */
const TRUST_MS = 40_000;
/** Who only logs lets those who can deliver come first. */
const LOG_ONLY_AFTER_SECONDS = 5;
const REST = { baseMs: 1000, capMs: 10_000 };

type Round = 'empty' | 'more' | 'refused';

export function createNoticeSender(parts: NoticeSenderParts): NoticeSender {
  const { clock, log, repository } = parts;
  const stopping = new AbortController();
  const sendPage = createPages(parts, stopping.signal);
  let running: Promise<void> | undefined;
  let refusals = 0;
  let restUntilMs = -Infinity;

  const empty = async (): Promise<void> => {
    for (let round: Round = 'more'; round === 'more' && !stopping.signal.aborted;) {
      round = await sendPage();
      refusals = round === 'refused' ? refusals + 1 : 0;
    }
    if (refusals > 0) restUntilMs = clock.monotonicMs() + cappedBackoff(refusals, REST);
  };
  return {
    wake: () => {
      if (running !== undefined || stopping.signal.aborted || clock.monotonicMs() < restUntilMs) return;
      running = empty()
        .catch((error: unknown) => {
          if (!stopping.signal.aborted) log.event('notice.outbox_failed', describeError(error)); // Postgres is away: the next tick asks again
        })
        .finally(() => {
          running = undefined;
        });
    },
    idle: async () => {
      await running;
    },
    stop: async () => {
      stopping.abort(new Error('the sender stops'));
      await running;
      await repository.leaveLease(NOTICE_LEASE, parts.holder).catch(() => undefined); // Postgres is away: the lease ends by itself
    },
  };
}

/** Claims a page of what is due, gathers what comes too thick, and sends the rest. */
function createPages(parts: NoticeSenderParts, stopping: AbortSignal): () => Promise<Round> {
  const { repository, post, holder, clock, log } = parts;
  const lately = createLately(clock);
  const dueForSeconds = post === undefined ? LOG_ONLY_AFTER_SECONDS : 0;

  const gather = async (fingerprint: string, seqs: readonly number[]): Promise<void> => {
    const last = lately.lastBurst(fingerprint);
    const into = last?.seq ?? null;
    const sendInSeconds = burstDelaySeconds(last?.sinceMs);
    const seq = await repository.gatherNotices({ fingerprint, seqs, sendInSeconds, into });
    if (seq === into) return;
    lately.noteBurst(fingerprint, seq);
    log.event('notice.burst', { fingerprint, count: seqs.length });
  };
  const sendSome = async (some: readonly Notice[]): Promise<boolean> => {
    const results = await Promise.all(some.map((notice) => send(post, notice, stopping)));
    const deliveries = some.flatMap((notice, i) => deliveryOf(notice, results[i], post !== undefined));
    if (deliveries.length > 0) await repository.recordDeliveries(deliveries);
    for (const { fingerprint, attempts } of some)
      if (fingerprint !== null && attempts === 0) lately.noteSent(fingerprint);
    tellRefused(log, some, results);
    return deliveries.some(({ endedAs }) => endedAs !== undefined);
  };
  return async () => {
    const askedMs = clock.monotonicMs();
    const due = await repository.claimNotices({ holder, leaseMs: LEASE_MS, limit: PAGE_MAX, dueForSeconds });
    if (due.length === 0) return 'empty';
    const plan = planNotices(due, (fingerprint) => lately.sent(fingerprint));
    for (const [fingerprint, seqs] of plan.gather) await gather(fingerprint, seqs);
    for (let from = 0; from < plan.send.length; from += AT_ONCE) {
      if (stopping.aborted || clock.monotonicMs() - askedMs > TRUST_MS) return 'more';
      if (!(await sendSome(plan.send.slice(from, from + AT_ONCE)))) return 'refused';
    }
    return 'more';
  };
}

/** Undefined where it was ended in the middle: it counts as not tried. */
async function send(post: Post | undefined, notice: Notice, stopping: AbortSignal): Promise<PostResult | undefined> {
  if (post === undefined) return { ok: true };
  return post(bodyOf(notice), stopping).catch(() => undefined);
}

function deliveryOf({ seq, attempts }: Notice, result: PostResult | undefined, posted: boolean): NoticeDelivery[] {
  if (result === undefined) return [];
  if (!result.ok) return [{ seq, againSeconds: againSeconds(attempts + 1) }];
  return [{ seq, endedAs: posted ? 'delivered' : 'logged' }];
}

/** One line for all of them; the reasons are codes, for the address is a secret. */
function tellRefused(log: Logger, some: readonly Notice[], results: readonly (PostResult | undefined)[]): void {
  const refused = results.flatMap((result) => (result?.ok === false ? [result.reason] : []));
  if (refused.length === 0) return;
  const tried = Math.max(...some.map(({ attempts }) => attempts)) + 1;
  log.event('notice.not_delivered', { notices: refused.length, reason: [...new Set(refused)].join(', '), tried });
}
