// The life of one source in a poller: its lease, its next time, its polls, until the signal is aborted. It polls at once
// when it starts, then after each interval with some jitter; while another poller has the source it stands by, and goes
// on in that one's rhythm once it is gone. A service that is away is waited for, 2 s at most between two tries.
import { cappedBackoff, describeError, sleep, type Clock } from '@jobhive/config';
import type { TrackingRepository } from '@jobhive/db';
import { isOutage } from './outage.ts';
import { pollSource, type PollParts } from './poll-source.ts';
import { createSourceLease, RENEW_MS, type SourceLease } from './source-lease.ts';
import type { Source } from './sources/source.ts';

export interface LoopParts extends PollParts {
  readonly repository: PollParts['repository'] & Pick<TrackingRepository, 'takeLease' | 'leaveLease' | 'sourceStates'>;
  readonly holder: string;
  readonly intervalSeconds: number;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
}

const STAND_BY_MS = 2_000;
const AWAY = { baseMs: 100, capMs: 2_000 };
/** Of the interval, to both sides: pollers that were started together do not stay together. */
const JITTER = 0.1;

export async function runSourceLoop(source: Source, parts: LoopParts, signal: AbortSignal): Promise<void> {
  const lease = createSourceLease(source.name, parts);
  const turn = createTurn(source, lease, parts, signal);
  let triesWhileAway = 0;
  while (!signal.aborted) {
    let waitMs: number;
    try {
      waitMs = await turn();
      if (triesWhileAway > 0) parts.log.event('postgres.back', { source: source.name });
      triesWhileAway = 0;
    } catch (error) {
      if (signal.aborted) break;
      const away = isOutage(error);
      if (!away || triesWhileAway === 0) parts.log.event(...whatFailed(source.name, error, away));
      triesWhileAway = away ? triesWhileAway + 1 : 0;
      waitMs = away ? cappedBackoff(triesWhileAway, AWAY) : jittered(parts);
    }
    await sleep(waitMs, signal).catch(() => undefined); // aborted: the loop's condition sees it
  }
  await lease.leave();
}

function whatFailed(source: string, error: unknown, away: boolean): Parameters<PollParts['log']['event']> {
  return [away ? 'postgres.away' : 'poll.failed', { source, ...describeError(error) }];
}

/** One turn: hold the lease, poll if it is time. @returns how long to wait for the next turn, in ms */
function createTurn(source: Source, lease: SourceLease, parts: LoopParts, signal: AbortSignal): () => Promise<number> {
  const { clock } = parts;
  let dueAtMs = clock.monotonicMs();
  let standingBy = false;
  const poll = async (): Promise<void> => {
    const intervalMs = jittered(parts);
    await lease.keepDuring(() => pollSource(source, parts, intervalMs / 1_000, signal));
    dueAtMs = clock.monotonicMs() + intervalMs;
  };
  return async () => {
    if (!(await lease.take())) {
      standingBy = true;
      return STAND_BY_MS;
    }
    if (standingBy) {
      const leftMs = await leftOnRecordMs(source, parts);
      dueAtMs = clock.monotonicMs() + leftMs;
    }
    standingBy = false;
    if (dueAtMs <= clock.monotonicMs()) await poll();
    return Math.min(RENEW_MS, Math.max(dueAtMs - clock.monotonicMs(), 0));
  };
}

/** How long the source is left alone yet, by what the poller before has recorded; an interval at most. */
async function leftOnRecordMs(source: Source, { repository, clock, intervalSeconds }: LoopParts): Promise<number> {
  const state = (await repository.sourceStates()).find((known) => known.source === source.name);
  const leftMs = (state?.nextPoll?.getTime() ?? 0) - clock.now().getTime();
  return Math.min(Math.max(leftMs, 0), intervalSeconds * 1_000);
}

function jittered({ intervalSeconds, random }: LoopParts): number {
  return intervalSeconds * 1_000 * (1 + JITTER * (2 * random() - 1));
}
