// The worker's writes, each kind in a lane of its own: what is asked while one statement is under way goes with the next.
// What is due is asked until it is known: a checkpoint or settle whose answer was lost is asked again under the same token
// and learns that it was done. Only the end of the process leaves it open.
import { cappedBackoff, describeError, sleep, type Logger } from '@jobhive/config';
import {
  failureKind,
  groupCommit,
  type CheckpointAsk,
  type ClaimAnswer,
  type ClaimAsk,
  type Holder,
  type SettleAsk,
  type Settled,
  type TrackingRepository,
  type WriteVerdict,
} from '@jobhive/db';
import { acknowledge, type Acknowledgement, type Keys, type RedisStore } from '@jobhive/queue';

const CLAIM_MAX = 64;
const WRITE_MAX = 64;
const ACK_MAX = 500;
const AGAIN_MS = { baseMs: 50, capMs: 2000 };

/** Postgres refuses this very data (SQLSTATE class 22 or 54): the job's own fault, whoever asks again. */
export class DataRefusedError extends Error {
  override readonly name = 'DataRefusedError';
}

export interface Lanes {
  claim(ask: ClaimAsk): Promise<ClaimAnswer>;
  /** @throws DataRefusedError, or the signal's reason */
  checkpoint(ask: CheckpointAsk): Promise<'done' | 'stale'>;
  /** @throws DataRefusedError, or the signal's reason */
  settle(ask: SettleAsk): Promise<Settled>;
  acknowledge(ack: Acknowledgement): Promise<void>;
}

export interface LanesParts {
  readonly repository: TrackingRepository;
  readonly store: RedisStore;
  readonly keys: Keys;
  readonly holder: () => Holder;
  readonly resultTtlSeconds: number;
  /** Aborted when the process gives up asking. */
  readonly givingUp: AbortSignal;
  readonly log: Logger;
}

export function createLanes(parts: LanesParts): Lanes {
  const { repository, store, keys, givingUp, log } = parts;
  const claims = groupCommit<ClaimAsk, ClaimAnswer>((asks) => repository.claim(asks, parts.holder()), CLAIM_MAX);
  const checkpoints = groupCommit<CheckpointAsk, WriteVerdict>((asks) => repository.checkpoint(asks), WRITE_MAX);
  const settles = groupCommit<SettleAsk, Settled>((asks) => repository.settle(asks), WRITE_MAX);
  const acks = groupCommit<Acknowledgement, true>(async (batch) => {
    await acknowledge(store, keys, batch, parts.resultTtlSeconds);
    return batch.map(() => true as const);
  }, ACK_MAX);

  const untilKnown = async <T>(jobId: string, write: string, ask: () => Promise<T>): Promise<T> => {
    for (let tried = 1; ; tried += 1) {
      givingUp.throwIfAborted();
      try {
        return await ask();
      } catch (error) {
        if (failureKind(error) === 'data') throw new DataRefusedError('Postgres refused the data', { cause: error });
        log.event('job.write_repeated', { job_id: jobId, write, tried, ...describeError(error) });
        await sleep(cappedBackoff(tried, AGAIN_MS), givingUp);
      }
    }
  };
  return {
    claim: claims,
    checkpoint: async (ask) => {
      const verdict = await untilKnown(ask.jobId, 'checkpoint', () => checkpoints(ask));
      return verdict === 'stale' ? 'stale' : 'done';
    },
    settle: (ask) => untilKnown(ask.jobId, 'settle', () => settles(ask)),
    acknowledge: async (ack) => {
      try {
        await acks(ack);
      } catch (error) {
        log.event('job.acknowledge_failed', { job_id: ack.jobId, ...describeError(error) }); // the reconciler drops the entry
      }
    },
  };
}
