// Once a second, one statement: renews what is in hand, and learns of cancels, pause, what is due and what ran out. What
// was lost is stopped at once. It is woken early by a signal, by the next retry's time, and by who wants to look again.
// While Postgres is away it goes on asking. The first tick after an outage moves everybody's leases on before anything is
// expired; so does a process that has just started, or was itself frozen for some seconds, which would otherwise hide the
// outage from those that are not back yet.
import { describeError, createSleeper, type Clock, type Logger, type Sleeper } from '@jobhive/config';
import type { Holder, TickAnswer, TrackingRepository } from '@jobhive/db';
import type { Hands } from './hands.ts';

const TICK_MS = 1000;
/** What is due, or runs out, is looked for this much after its time, by the database's clock, so that it is. */
const MARGIN_MS = 5;
/** Nobody expires so early in the life of his own connection. */
const EXPIRE_AFTER_MS = 2000;
/** A living worker hangs no longer than this in a question of before an outage; then it takes its session lock again. */
const SHORTEN_AFTER_MS = 10_000;

/** Whoever was silent for so long may have been so through an outage that he did not notice. Shorter than what counts as one. */
const SILENT_MS = 2000;

/** What may be done to leases of others. */
export interface May {
  readonly expire: boolean;
  /** Not while some may still hang in an outage that this process saw: their session locks are gone, and they live. */
  readonly shorten: boolean;
}

export interface Tick {
  start(): void;
  /** Looks now rather than within the second. */
  wake(): void;
  /** Looks within so many milliseconds. However often it is asked, one look is to come: the earliest. */
  wakeIn(ms: number): void;
  stop(): Promise<void>;
}

export interface TickParts {
  readonly repository: TrackingRepository;
  readonly hands: Hands;
  readonly holder: () => Holder;
  /** Whether Redis answers now: without it this process leads only where nobody has it. */
  readonly canCompare: () => boolean;
  readonly trustMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Postgres answered. */
  readonly onAnswer: (answer: TickAnswer, may: May) => Promise<void>;
  readonly onAway: () => void;
}

export function createTick(parts: TickParts): Tick {
  const { clock, log } = parts;
  const sleeper: Sleeper = createSleeper();
  const alarm = createAlarm(clock, sleeper);
  let stopped = false;
  let loop: Promise<void> | undefined;
  let awaySinceMs: number | undefined;
  let upSinceMs: number | undefined;
  let answeredMs: number | undefined;
  let wasAwayUntilMs = -Infinity;

  const answered = async (): Promise<number> => {
    if (answeredMs !== undefined && clock.monotonicMs() - answeredMs > SILENT_MS) upSinceMs = undefined;
    if (upSinceMs === undefined) await comeBack(parts, awaySinceMs);
    const askedMs = clock.monotonicMs();
    const { hands } = parts;
    const answer = await parts.repository.tick(hands.heldClaims(), hands.tokens, parts.holder(), parts.canCompare());
    answeredMs = clock.monotonicMs();
    if (awaySinceMs !== undefined) wasAwayUntilMs = answeredMs;
    awaySinceMs = undefined;
    if (answeredMs - askedMs > SILENT_MS) upSinceMs = answeredMs; // it hung: others may have, too, and renew only now
    upSinceMs ??= askedMs;
    obey(parts, answer, askedMs);
    hands.seenAt(askedMs);
    await parts.onAnswer(withoutAsked(answer, hands.tokens), {
      expire: askedMs - upSinceMs >= EXPIRE_AFTER_MS,
      shorten: askedMs - wasAwayUntilMs >= SHORTEN_AFTER_MS,
    });
    return Math.min(TICK_MS, (answer.nextDueMs ?? TICK_MS) + MARGIN_MS, (answer.nextOverdueMs ?? TICK_MS) + MARGIN_MS);
  };
  const failed = (error: unknown): number => {
    if (awaySinceMs === undefined) log.event('worker.tick_failed', describeError(error));
    awaySinceMs ??= clock.monotonicMs();
    upSinceMs = undefined;
    parts.onAway();
    dropDistrusted(parts);
    return TICK_MS;
  };
  const run = async (): Promise<void> => {
    while (!stopped) {
      const fromMs = clock.monotonicMs();
      const pauseMs = await answered().catch(failed);
      await sleeper.sleep(Math.max(0, pauseMs - (clock.monotonicMs() - fromMs)));
    }
  };
  return {
    start: () => {
      loop ??= run();
    },
    wake: () => {
      sleeper.wake();
    },
    wakeIn: alarm.set,
    stop: async () => {
      stopped = true;
      alarm.end();
      await loop;
    },
  };
}

interface Alarm {
  readonly set: (ms: number) => void;
  /** Wakes at once, and no more. */
  readonly end: () => void;
}

/** Wakes at one time to come: the earliest that was asked for. */
function createAlarm(clock: Clock, sleeper: Sleeper): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let atMs = Infinity;
  const wake = (): void => {
    clearTimeout(timer);
    atMs = Infinity;
    sleeper.wake();
  };
  return {
    set: (ms) => {
      const wantedMs = clock.monotonicMs() + ms;
      if (wantedMs >= atMs) return;
      clearTimeout(timer);
      atMs = wantedMs;
      timer = setTimeout(wake, ms);
    },
    end: wake,
  };
}

/** Who has just started was not away, and cannot tell whether Postgres was or only nobody lived: it puts nothing on record. */
async function comeBack({ repository, holder, log, clock }: TickParts, awaySinceMs: number | undefined): Promise<void> {
  // Whoever was away cannot know for how long the others will be; else it is enough for those that hang.
  const { outage, moved } = await repository.extendLeasesAfterOutage(awaySinceMs === undefined ? 0 : holder().leaseMs);
  if (moved > 0) log.event('worker.leases_moved_on', { jobs: moved });
  if (awaySinceMs === undefined) return;
  log.event('postgres.back', { outage });
  if (outage)
    await repository.recordSystemEvent('postgres_back', { away_ms: Math.round(clock.monotonicMs() - awaySinceMs) });
}

/** A claim may have been asked for while the statement was under way: what is in hand by now is no orphan. */
function withoutAsked(answer: TickAnswer, tokens: readonly string[]): TickAnswer {
  const asked = new Set(tokens);
  return { ...answer, orphans: answer.orphans.filter(({ token }) => !asked.has(token)) };
}

/** What the answer says of each claim in hand. `busy` is no verdict: the lease is as it was. */
function obey({ hands, trustMs }: TickParts, answer: TickAnswer, askedMs: number): void {
  for (const hand of hands.all) {
    const verdict = answer.renewed.get(hand.claim.token);
    if (verdict === 'renewed' || verdict === 'cancel_wanted') hand.trustUntilMs = askedMs + trustMs;
    if (verdict === 'cancel_wanted') hands.stop(hand, 'cancel');
    if (verdict === 'stale') hands.stop(hand, 'stale');
  }
}

/** A lease that can no longer be trusted may be somebody else's by now: its work is ended, nothing is written. */
function dropDistrusted({ hands, clock }: TickParts): void {
  for (const hand of hands.all) {
    if (clock.monotonicMs() > hand.trustUntilMs) hands.stop(hand, 'stale');
  }
}
