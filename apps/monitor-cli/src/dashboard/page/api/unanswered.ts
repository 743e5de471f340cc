// What is said of a call that nobody answered. Pure. A read is asked again by the page itself, a write never: whether it was done
// is not known then, and a person has to look.
import { ProblemError, wordsOf, type Words } from './problem.ts';

/** What was waited for, and how long. */
export interface Waiting {
  readonly method: 'GET' | 'POST';
  readonly withinMs: number;
}

const LATE_WRITE: Words = {
  title: 'No answer yet',
  next: 'What has begun goes on, and is not asked for a second time: look again to see what came of it.',
};
const CUT_WRITE: Words = {
  title: 'The dashboard does not answer',
  next: 'It may have been done all the same, and is not asked for a second time: look whether `monitor-cli dashboard` still runs, and then what came of it.',
};

function spoken(ms: number): string {
  return ms < 60_000 ? `${String(ms / 1000)} s` : `${String(ms / 60_000)} min`;
}

/** @param error of fetch: no connection, or our own time limit */
export function unanswered(error: unknown, { method, withinMs }: Waiting): ProblemError {
  if (error instanceof ProblemError) return error;
  const late = error instanceof DOMException && error.name === 'TimeoutError';
  const detail = late ? `No answer within ${spoken(withinMs)}.` : 'There is no connection to the server.';
  if (method === 'GET') return new ProblemError(0, detail, wordsOf(0));
  return new ProblemError(0, detail, late ? LATE_WRITE : CUT_WRITE);
}
