// One call on the wire: sent once, its answer waited for within a bound, its failure a ProblemError.
import { problemOf } from './problem.ts';
import { noteServerTime } from './server-clock.ts';
import { unanswered } from './unanswered.ts';

const ANSWER_WITHIN_MS = 15_000;
/** For a write that answers only when all is done: 100,000 dead letters take long. A bound all the same, for a line may be dead. */
export const LONG_WORK_WITHIN_MS = 10 * 60_000;

export interface Call {
  readonly method?: 'GET' | 'POST';
  /** Of a POST; default `{}`. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** How long the answer is waited for; default 15 s. */
  readonly withinMs?: number | undefined;
}

const JSON_BODY = { 'Content-Type': 'application/json' };

/** What the caller adds to each call; what only browsers know of stands there. */
export interface Manner extends RequestInit {
  readonly headers?: Record<string, string>;
}

/** @throws ProblemError; an aborted call rejects with the reason of its signal */
export async function send(path: string, call: Call, manner: Manner = {}): Promise<unknown> {
  const { method = 'GET', body = {}, signal, withinMs = ANSWER_WITHIN_MS } = call;
  const limit = AbortSignal.timeout(withinMs);
  const sent: RequestInit = {
    ...manner,
    method,
    headers: { Accept: 'application/json', ...manner.headers, ...(method === 'POST' ? JSON_BODY : {}) },
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
  };
  try {
    const askedAtMs = Date.now();
    const response = await fetch(path, sent);
    noteServerTime(response.headers.get('Date'), askedAtMs);
    if (!response.ok) throw await problemOf(response);
    return await response.json();
  } catch (error) {
    signal?.throwIfAborted();
    throw unanswered(error, { method, withinMs });
  }
}
