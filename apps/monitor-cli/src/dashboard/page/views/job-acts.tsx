// What can be done with a job as it stands: enqueue, retry, discard or cancel, each after a question.
import type { JSX } from 'preact';
import type { Enqueued, JobDocument, JobStatus } from '../api/documents.ts';
import { STATUS_WORDS } from '../parts/words.ts';
import { useAct, type Act } from '../shell/use-act.ts';

interface Offer {
  readonly label: string;
  readonly dangerous: boolean;
  // An offer's answer is known where it is made; here it is only run.
  readonly act: Act<never>;
}

function offer<Answer>(label: string, act: Act<Answer>): Offer {
  return { label, dangerous: act.question.dangerous ?? false, act };
}

function enqueueOffer(path: string): Offer {
  return offer<readonly Enqueued[]>('Enqueue', {
    path: `${path}/enqueue`,
    question: { title: 'Enqueue this job?', text: 'It is put behind those that wait.', act: 'Enqueue' },
    done: ([answer]) =>
      answer === undefined || answer.queue_position === null
        ? 'Enqueued'
        : `Enqueued, number ${String(answer.queue_position)} in line`,
  });
}

function retryOffer(path: string): Offer {
  return offer('Retry', {
    path: `${path}/retry`,
    question: {
      title: 'Retry this job?',
      text: 'It gets a fresh set of attempts behind those that wait, and goes on after its last good stage.',
      act: 'Retry',
    },
    done: () => 'Queued again',
  });
}

function discardOffer(path: string): Offer {
  return offer<JobStatus>('Discard', {
    path: `${path}/discard`,
    body: { confirm: true },
    question: {
      title: 'Discard this job?',
      text: 'It leaves the failed jobs and counts as cancelled. Its history stays.',
      act: 'Discard',
      dangerous: true,
    },
    done: () => 'Discarded',
  });
}

function cancelOffer(path: string, running: boolean): Offer {
  return offer<JobStatus>('Cancel', {
    path: `${path}/cancel`,
    question: {
      title: 'Cancel this job?',
      text: running
        ? 'A worker has it in hand: the work ends within two seconds, and what its stages gave so far is kept.'
        : 'It leaves the queue. It can be enqueued again later.',
      act: 'Cancel the job',
      dangerous: true,
    },
    done: ({ status }) =>
      status === 'cancelled' ? 'Cancelled' : `To be cancelled; still ${STATUS_WORDS[status].toLowerCase()}`,
  });
}

function offersFor(path: string, status: JobDocument['status']): readonly Offer[] {
  switch (status) {
    case 'discovered':
    case 'cancelled':
      return [enqueueOffer(path)];
    case 'failed':
      return [retryOffer(path), discardOffer(path)];
    case 'queued':
    case 'processing':
      return [cancelOffer(path, status === 'processing')];
    case 'processed':
      return [];
  }
}

export interface JobActsProps {
  readonly job: Pick<JobDocument, 'job_id' | 'status'>;
  readonly onDone: () => void;
}

export function JobActs({ job, onDone }: JobActsProps): JSX.Element {
  const { busy, run } = useAct(onDone);
  const path = `/api/jobs/${encodeURIComponent(job.job_id)}`;
  return (
    <div class="acts">
      {offersFor(path, job.status).map(({ label, dangerous, act }) => (
        <button
          key={label}
          type="button"
          class={`button ${dangerous ? 'is-dangerous' : 'is-primary'}`}
          disabled={busy}
          onClick={() => run(act)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
