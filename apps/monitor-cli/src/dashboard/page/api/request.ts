// One call of the API: with the token where there is one, bounded to 15 s, its failure a ProblemError. A 401 asks for a token.
import { access, authorization, refused } from './access.ts';
import { problemOf, unanswered } from './problem.ts';
import { noteServerTime } from './server-clock.ts';

const ANSWER_WITHIN_MS = 15_000;

export interface Call {
  readonly method?: 'GET' | 'POST';
  /** Of a POST; default `{}`. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** @throws ProblemError; an aborted call rejects with the reason of its signal */
export async function ask<Answer>(path: string, { method = 'GET', body = {}, signal }: Call = {}): Promise<Answer> {
  const { token } = access.get();
  const limit = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const sent: RequestInit = {
    method,
    headers: { Accept: 'application/json', ...authorization(token), ...(method === 'POST' ? JSON_BODY : {}) },
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    cache: 'no-store',
    credentials: 'omit',
    ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
  };
  try {
    const askedAtMs = Date.now();
    const response = await fetch(path, sent);
    noteServerTime(response.headers.get('Date'), askedAtMs);
    if (response.status === 401) refused(token);
    if (!response.ok) throw await problemOf(response);
    return (await response.json()) as Answer; // our own server's, whose shapes are tested against its OpenAPI document
  } catch (error) {
    signal?.throwIfAborted();
    throw unanswered(error);
  }
}

const JSON_BODY = { 'Content-Type': 'application/json' };
