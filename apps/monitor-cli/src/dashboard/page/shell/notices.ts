// What was done or refused just now, told in a corner of the page and to screen readers. What was done goes by itself after some
// seconds; a failure stays until it is closed. At most four at once.
import { ProblemError, type Words } from '../api/problem.ts';
import { createStore } from '../store.ts';

const DONE_STAYS_MS = 7_000;
const NOTICES_MAX = 4;
/** Of what is no answer at all: a mistake of ours. */
const BROKEN: Words = { title: 'This page failed', next: 'Load it again to see how things stand.' };

export interface Notice {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly title: string;
  readonly text: string | null;
}

export const notices = createStore<readonly Notice[]>([]);
let made = 0;

export function closeNotice(id: number): void {
  notices.set(notices.get().filter((notice) => notice.id !== id));
}

function add(notice: Omit<Notice, 'id'>): number {
  made += 1;
  notices.set([...notices.get().slice(1 - NOTICES_MAX), { ...notice, id: made }]);
  return made;
}

export function tellDone(title: string, text: string | null = null): void {
  const id = add({ kind: 'done', title, text });
  window.setTimeout(() => closeNotice(id), DONE_STAYS_MS);
}

export function tellFailure(error: unknown): void {
  const problem = error instanceof ProblemError ? error : new ProblemError(0, String(error), BROKEN);
  add({ kind: 'failed', title: problem.title, text: [problem.message, problem.next].filter(Boolean).join(' ') });
}
