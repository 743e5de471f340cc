// Pause and resume of the whole queue, after a question.
import type { JSX } from 'preact';
import { status } from '../live/live-status.ts';
import { useStore } from '../store.ts';
import { useAct } from './use-act.ts';

const PAUSE = {
  title: 'Pause the queue?',
  text: 'Workers finish what they have in hand and take nothing new. Jobs can still be enqueued. The pause outlives restarts.',
  act: 'Pause the queue',
};
const RESUME = {
  title: 'Resume the queue?',
  text: 'Workers go on with what waits, first in, first out.',
  act: 'Resume the queue',
};

export function QueueSwitch(): JSX.Element {
  const paused = useStore(status)?.paused ?? false;
  const { busy, run } = useAct();
  const toggle = (): void =>
    run<{ readonly paused: boolean }>({
      path: paused ? '/api/queue/resume' : '/api/queue/pause',
      question: paused ? RESUME : PAUSE,
      done: (answer) => (answer.paused ? 'The queue is paused' : 'The queue goes on'),
    });
  return (
    <button type="button" class="button" disabled={busy} onClick={toggle}>
      {paused ? 'Resume' : 'Pause'}
    </button>
  );
}
