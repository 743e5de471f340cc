// The question that is open, if one is.
import type { JSX } from 'preact';
import { Dialog } from '../parts/dialog.tsx';
import { useStore } from '../store.ts';
import { openQuestion } from './questions.ts';

export function QuestionDialog(): JSX.Element | null {
  const question = useStore(openQuestion);
  if (question === null) return null;
  const { title, text, act, dangerous, answer } = question;
  return (
    <Dialog label={title} onLeave={() => answer(false)}>
      <h2>{title}</h2>
      <p>{text}</p>
      <div class="dialog-ends">
        <button type="button" class="button" onClick={() => answer(false)}>
          Not now
        </button>
        <button
          type="button"
          class={`button ${dangerous ? 'is-dangerous' : 'is-primary'}`}
          onClick={() => answer(true)}
        >
          {act}
        </button>
      </div>
    </Dialog>
  );
}
