// Whole numbers within bounds, as digits alone: no sign, no exponent, no blank.
import { UsageError } from '@jobhive/config';

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** @param name of the option, with its dashes, for the message */
export function wholeNumber(name: string, text: string, { min, max }: Bounds): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${name} is ${JSON.stringify(text)}; give a whole number from ${String(min)} to ${String(max)}`);
}

const LIMIT: Bounds = { min: 1, max: 1000 };
const LIMIT_DEFAULT = 50;

/** How many rows to show. */
export function rowLimit(text: string | undefined): number {
  return text === undefined ? LIMIT_DEFAULT : wholeNumber('--limit', text, LIMIT);
}

/** What shows more than a list that was cut at its limit. */
export function showsMore(limit: number): string {
  return limit < LIMIT.max ? '--limit shows more' : '--ndjson gives all';
}
