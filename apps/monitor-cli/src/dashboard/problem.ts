// Errors as RFC 9457 problem documents: each error of the layers below has its status here, and what is none of them is a
// 500 that tells nothing of itself. Pure.
import { STATUS_CODES } from 'node:http';
import { DeadlineError } from '@jobhive/config';
import {
  failureKind,
  JobNotFoundError,
  NotMigratedError,
  PostgresAwayError,
  PostgresDeniedError,
  RateLimitedError,
  WrongStatusError,
} from '@jobhive/db';
import { RedisAwayError, RedisDeniedError } from '@jobhive/queue';
import type { Problem } from './schema/problem.ts';

export type { Problem } from './schema/problem.ts';

/** What a route refuses by itself. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** A mistake of ours, for the log. */
  readonly unexpected: boolean;
}

/** Seconds after which a store that is away may be asked for again. */
const AWAY_RETRY_SECONDS = '2';

const AWAY = [PostgresAwayError, PostgresDeniedError, NotMigratedError, RedisAwayError, RedisDeniedError];

/** Fastify's own errors say their status; what they say of themselves is for programmers. */
const BY_STATUS: Readonly<Record<number, { code: string; detail: string }>> = {
  400: { code: 'malformed', detail: 'the request is malformed' },
  413: { code: 'too_large', detail: 'the body is larger than 1 MiB; send fewer ids at a time' },
  415: { code: 'media_type', detail: 'send the body as `Content-Type: application/json`' },
};

function known(error: unknown): HttpProblem | undefined {
  if (error instanceof HttpProblem) return error;
  if (error instanceof JobNotFoundError) return new HttpProblem(404, error.code, error.message);
  if (error instanceof WrongStatusError) return new HttpProblem(409, error.code, error.message);
  if (error instanceof RateLimitedError) {
    return new HttpProblem(429, error.code, error.message, { 'retry-after': String(error.retryAfterSeconds) });
  }
  return away(error) ?? byStatus(error);
}

function away(error: unknown): HttpProblem | undefined {
  const retry = { 'retry-after': AWAY_RETRY_SECONDS };
  for (const kind of AWAY) if (error instanceof kind) return new HttpProblem(503, error.code, error.message, retry);
  if (error instanceof DeadlineError || failureKind(error) === 'busy') {
    return new HttpProblem(503, 'too_slow', 'a store did not answer in time; try again', retry);
  }
  return undefined;
}

function byStatus(error: unknown): HttpProblem | undefined {
  const status: unknown = error instanceof Error ? Reflect.get(error, 'statusCode') : undefined;
  if (typeof status !== 'number' || status < 400 || status >= 500) return undefined;
  const words = BY_STATUS[status] ?? { code: 'refused', detail: 'the request was refused' };
  return new HttpProblem(status, words.code, words.detail);
}

export function toProblem(error: unknown): ProblemAnswer {
  const found = known(error);
  const { status, code, message, headers } =
    found ?? new HttpProblem(500, 'internal', 'this failed; the log of the dashboard tells why');
  const problem = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail: message };
  return { problem, headers, unexpected: found === undefined };
}

export const PROBLEM_TYPE = 'application/problem+json';
