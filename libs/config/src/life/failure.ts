/**
 * What a program says when it ends with an error, and its exit code. Pure. One `error: ` line for a failure (for wrong
 * configuration one for each value), without line breaks and without credentials; the stack only where it is wanted.
 * An error that is only the echo of an asked-for shutdown is none.
 */
import { strikeCredentials } from '../log/strike-secrets.ts';
import { ProgramError } from './errors.ts';
import { ShutdownRequested } from './shutdown.ts';

export interface Failure {
  readonly exitCode: number;
  /** What goes to stderr, line by line. */
  readonly lines: readonly string[];
}

const CAUSES_MAX = 5;
const LINE_MAX = 2_000;

export function explainFailure(error: unknown, withStack: boolean): Failure {
  if (echoesShutdown(error)) return { exitCode: 0, lines: [] };
  const messages = error instanceof ProgramError ? error.lines : [messageOf(error)];
  const lines = messages.map((message) => `error: ${oneLine(message)}`);
  const stack = withStack && error instanceof Error ? stackOf(error) : [];
  return { exitCode: error instanceof ProgramError ? error.exitCode : 1, lines: [...lines, ...stack] };
}

/** What nobody caught is always a failure: a program in an unknown state, or a promise that nobody waits for. */
export function explainUncaught(error: unknown, withStack: boolean): Failure {
  const { exitCode, lines } = explainFailure(error, withStack);
  return exitCode === 0
    ? { exitCode: 1, lines: [`error: ${messageOf(error)}, which nobody waited for`] }
    : { exitCode: 1, lines };
}

/** Whether the error, or a cause of it, is the reason with which the shutdown signal was aborted. */
function echoesShutdown(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < CAUSES_MAX && cause instanceof Error; depth += 1) {
    if (cause instanceof ShutdownRequested) return true;
    cause = cause.cause;
  }
  return false;
}

/** An AggregateError, as of a refused connection to two addresses, says nothing itself: its first error does. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error))
    return typeof error === 'string' && error !== '' ? error : 'something was thrown that is no error';
  if (error.message !== '') return error.message;
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return error.name;
}

function stackOf(error: Error): readonly string[] {
  const own = (error.stack ?? '').split('\n');
  const cause = error.cause instanceof Error ? ['caused by:', ...(error.cause.stack ?? '').split('\n')] : [];
  return [...own, ...cause].filter((line) => line !== '').map((line) => strikeCredentials(line));
}

function oneLine(message: string): string {
  // The control characters are the very thing looked for.
  // eslint-disable-next-line no-control-regex
  return strikeCredentials(message.replace(/\s*[\u0000-\u001f\u007f-\u009f]+\s*/g, ' ').trim()).slice(0, LINE_MAX);
}
