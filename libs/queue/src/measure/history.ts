// Keeps the charts' history: once a minute, a few seconds after it is over (what ends in its last moment is committed a
// little later), the minute goes on record. As many processes may keep it as like; a minute is written once. What was missed is
// made good at the next start. It never fails whoever runs it: a store that is away is asked again in the next minute.
import { createSleeper, describeError, type Logger, type Sleeper } from '@jobhive/config';
import { PostgresAwayError, type TrackingRepository } from '@jobhive/db';

export interface HistoryKeeper {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface HistoryKeeperParts {
  readonly repository: Pick<TrackingRepository, 'sampleMinutes'>;
  readonly log: Logger;
  /** 0 ≤ x < 1: spreads many keepers over some seconds, so that one samples and the others find it done. */
  readonly random?: () => number;
}

const AFTER_MS = 5000;
const SPREAD_MS = 10_000;
const AWAY_MS = 30_000;

/** One round: all that is missing. @returns the wait before the next one */
export async function keepHistory({ repository, log, random = Math.random }: HistoryKeeperParts): Promise<number> {
  try {
    let sampled = await repository.sampleMinutes();
    while (sampled.more) sampled = await repository.sampleMinutes();
    return sampled.nextMs + AFTER_MS + SPREAD_MS * random();
  } catch (error) {
    if (!(error instanceof PostgresAwayError)) log.event('history.sample_failed', describeError(error));
    return AWAY_MS;
  }
}

export function createHistoryKeeper(parts: HistoryKeeperParts): HistoryKeeper {
  let running: { readonly sleeper: Sleeper; readonly done: Promise<void> } | undefined;
  let stopped = false;
  const run = async (sleeper: Sleeper): Promise<void> => {
    while (!stopped) await sleeper.sleep(await keepHistory(parts));
  };
  return {
    name: 'history',
    start: () => {
      const sleeper = createSleeper();
      running = { sleeper, done: run(sleeper) };
      return Promise.resolve();
    },
    stop: async () => {
      stopped = true;
      running?.sleeper.wake();
      await running?.done;
    },
  };
}
