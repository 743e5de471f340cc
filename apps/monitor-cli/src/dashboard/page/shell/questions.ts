// A question before anything is changed: `confirmed` opens the dialog and tells what was answered. One at a time; leaving the
// dialog in any way is a no.
import { createStore } from '../store.ts';

export interface Question {
  readonly title: string;
  /** What will happen, in sentences. */
  readonly text: string;
  /** The label of the button that does it. */
  readonly act: string;
  readonly dangerous?: boolean;
}

export interface OpenQuestion extends Question {
  readonly answer: (yes: boolean) => void;
}

export const openQuestion = createStore<OpenQuestion | null>(null);

export function confirmed(question: Question): Promise<boolean> {
  openQuestion.get()?.answer(false);
  return new Promise((resolve) => {
    const answer = (yes: boolean): void => {
      openQuestion.set(null);
      resolve(yes);
    };
    openQuestion.set({ ...question, answer });
  });
}
