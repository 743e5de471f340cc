// What `top` can change, each asked before it is done: the question, and the doing, which is that of the command of the same
// name. The answer is a sentence; an act that fails says why, and top goes on.
import type { JobQueue } from '@jobhive/queue';

export type Act =
  | { readonly kind: 'retry'; readonly jobId: string }
  | { readonly kind: 'retry_group'; readonly fingerprint: string; readonly count: number }
  | { readonly kind: 'cancel'; readonly jobId: string }
  | { readonly kind: 'discard'; readonly jobId: string }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' };

const short = (id: string): string => id.slice(0, 8);
const jobs = (count: number): string => `${String(count)} ${count === 1 ? 'job' : 'jobs'}`;

export function questionOf(act: Act): string {
  switch (act.kind) {
    case 'retry':
      return `Retry job ${short(act.jobId)}?`;
    case 'retry_group':
      return `Retry ${jobs(act.count)} that failed with ${act.fingerprint}?`;
    case 'cancel':
      return `Cancel job ${short(act.jobId)}?`;
    case 'discard':
      return `Give job ${short(act.jobId)} up for good?`;
    case 'pause':
      return 'Pause the queue?';
    case 'resume':
      return 'Let the workers go on?';
  }
}

export interface ActGround {
  readonly queue: JobQueue;
  readonly by: string;
  readonly signal: AbortSignal;
  /** How many of a group are done. */
  readonly onDone: (done: number) => void;
}

const later = (dispatched: boolean): string => (dispatched ? '' : ', delivered when Redis is back');

/** @returns what was done, in a sentence. @throws what the queue throws */
export async function perform(act: Act, { queue, by, signal, onDone }: ActGround): Promise<string> {
  switch (act.kind) {
    case 'retry': {
      const { dispatched } = await queue.retry({ jobId: act.jobId }, { by });
      return `Job ${short(act.jobId)} is queued again${later(dispatched)}.`;
    }
    case 'retry_group': {
      const options = { by, signal, onProgress: ({ done }: { done: number }) => onDone(done) };
      const { retried, dispatched } = await queue.retry({ fingerprint: act.fingerprint }, options);
      return `${jobs(retried)} ${retried === 1 ? 'is' : 'are'} queued again${later(dispatched)}.`;
    }
    case 'cancel': {
      const { status } = await queue.cancel(act.jobId, by);
      const ends = status === 'processing' ? 'is to be cancelled; its worker ends it' : 'is cancelled';
      return `Job ${short(act.jobId)} ${ends}.`;
    }
    case 'discard':
      await queue.discard(act.jobId, by);
      return `Job ${short(act.jobId)} is discarded; its history stays.`;
    case 'pause':
      await queue.pause(by);
      return 'The queue is paused; jobs in hand are finished.';
    case 'resume':
      await queue.resume(by);
      return 'The workers go on.';
  }
}
