// A write: asked first, sent once, its outcome told. While it is under way its button is busy.
import { useCallback, useState } from 'preact/hooks';
import { ask } from '../api/request.ts';
import { tellDone, tellFailure } from './notices.ts';
import { confirmed, type Question } from './questions.ts';

export interface Act<Answer> {
  readonly path: string;
  readonly body?: unknown;
  /** For one that answers only when long work is done. */
  readonly withinMs?: number;
  readonly question: Question;
  /** What to say when it is done. */
  readonly done: (answer: Answer) => string;
}

export interface Acting {
  readonly busy: boolean;
  readonly run: <Answer>(act: Act<Answer>) => void;
}

async function perform<Answer>({ path, body, withinMs, question, done }: Act<Answer>): Promise<boolean> {
  if (!(await confirmed(question))) return false;
  try {
    tellDone(done(await ask<Answer>(path, { method: 'POST', body: body ?? {}, withinMs })));
    return true;
  } catch (error) {
    tellFailure(error);
    return true; // it may have been done all the same: look again
  }
}

/** @param afterwards called when something was sent, whatever came of it */
export function useAct(afterwards: () => void = () => undefined): Acting {
  const [busy, setBusy] = useState(false);
  const run = useCallback(
    <Answer>(act: Act<Answer>): void => {
      setBusy(true);
      void perform(act).then((sent) => {
        setBusy(false);
        if (sent) afterwards();
      });
    },
    [afterwards],
  );
  return { busy, run };
}
