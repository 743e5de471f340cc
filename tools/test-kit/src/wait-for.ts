/**
 * Waits for a condition, never for a time. A wait that fails says what it waited for, what it saw last, and what `describe`
 * tells about the state of things.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface WaitOptions {
  /** Default 10 s. */
  readonly timeoutMs?: number;
  /** Default 10 ms. */
  readonly intervalMs?: number;
  readonly describe?: () => string | Promise<string>;
}

/** What a condition may answer while it does not hold. */
type Falsy = false | null | undefined | 0 | '';

export class WaitError extends Error {
  override readonly name = 'WaitError';
}

/** Resolves with the condition's first truthy answer. A condition that throws is asked again; the last error is the cause. */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, Falsy>> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const deadline = performance.now() + timeoutMs;
  let last: Answer<T>;
  do {
    last = await ask(condition, deadline, timeoutMs);
    // A truthy answer is none of Falsy, which the compiler does not conclude for a generic type.
    if ('value' in last && last.value) return last.value as Exclude<T, Falsy>;
    await pause(options.intervalMs ?? 10);
  } while (performance.now() < deadline);
  const seen =
    'value' in last ? `saw last: ${inspect(last.value, { depth: 4 })}` : `failed last with: ${String(last.error)}`;
  const more = options.describe === undefined ? '' : `\n${await options.describe()}`;
  throw new WaitError(
    `waited ${timeoutMs} ms for ${what}; ${seen}${more}`,
    'error' in last ? { cause: last.error } : {},
  );
}

type Answer<T> = { readonly value: T } | { readonly error: unknown };

/** A condition that never answers must not outlast the wait. */
async function ask<T>(condition: () => T | Promise<T>, deadline: number, timeoutMs: number): Promise<Answer<T>> {
  const over = new AbortController();
  const silence = pause(Math.max(deadline - performance.now(), 0) + 50, undefined, { signal: over.signal }).then(
    (): Answer<T> => ({ error: new Error(`no answer to the question within ${timeoutMs} ms`) }),
    (error: unknown): Answer<T> => ({ error }),
  );
  const answer = (async (): Promise<Answer<T>> => {
    try {
      return { value: await condition() };
    } catch (error) {
      return { error };
    }
  })();
  const first = await Promise.race([answer, silence]);
  over.abort();
  return first;
}
