// The errors of a job's attempts for people, newest first, each with its stack. Pure.
import type { ErrorEntry, ErrorInfo } from '@jobhive/db';
import { plainLine, plainLines } from './plain.ts';
import type { Paint } from './style.ts';

const STACK_LINES_MAX = 12;

function entryLines(entry: ErrorEntry, paint: Paint): string[] {
  const where = entry.stage === null ? '' : ` in stage ${plainLine(entry.stage)}`;
  const who = entry.worker_name === null ? '' : ` on ${plainLine(entry.worker_name)}`;
  const head = `attempt ${String(entry.attempt)}${where}${who} at ${entry.at} (${entry.reason}, ${entry.fingerprint})`;
  const [, ...stack] = plainLines(entry.stack ?? '');
  return [
    '',
    paint.bold(head),
    paint.red(plainLine(`${entry.name}: ${entry.message}`)),
    ...stack.slice(0, STACK_LINES_MAX).map((line) => paint.dim(line)),
  ];
}

export function errorLines(info: ErrorInfo | null, paint: Paint): string[] {
  if (info === null) return ['No error is on record.'];
  return [info, ...info.previous.toReversed()].flatMap((entry) => entryLines(entry, paint));
}
