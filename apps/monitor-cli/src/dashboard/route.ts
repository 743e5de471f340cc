// What a route is: one method of one path, what it takes and answers as schemas, and the one call it makes. From these come
// the server's routes and the OpenAPI document alike. What was sent is parsed by its schema once; what does not fit is a 400
// that names the place.
import type { Clock } from '@jobhive/config';
import { isJobId, normaliseJobId, type OpenQueue } from '@jobhive/queue';
import * as z from 'zod';
import { HttpProblem } from './problem.ts';

/** What the routes work with. */
export interface Ground {
  readonly open: OpenQueue;
  readonly clock: Clock;
  /** Aborted when the dashboard stops: long work ends after what it has in hand. */
  readonly shutdown: AbortSignal;
}

export interface Sent {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** Who asks and from where, for the history. */
  readonly by: string;
}

export interface Ask<Params, Query, Body> extends Ground {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly by: string;
}

interface Shape {
  readonly method: 'GET' | 'POST';
  /** As OpenAPI writes it: `/api/jobs/{job_id}`. */
  readonly path: string;
  readonly summary: string;
  /** Statuses of problems beyond those that every route may answer. */
  readonly refuses?: readonly number[];
}

export interface Route extends Shape {
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodType | undefined;
  readonly answer: z.ZodType;
  run(ground: Ground, sent: Sent): Promise<unknown>;
}

interface Definition<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> extends Shape {
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly answer: Answer;
  readonly handle: (ask: Ask<z.output<Params>, z.output<Query>, z.output<Body>>) => Promise<z.input<Answer>>;
}

const NOTHING = z.object({});

type Nothing = typeof NOTHING;

export function route<
  Answer extends z.ZodType,
  Params extends z.ZodObject = Nothing,
  Query extends z.ZodObject = Nothing,
  Body extends z.ZodType = z.ZodUndefined,
>({ handle, ...definition }: Definition<Params, Query, Body, Answer>): Route {
  const { params, query, body } = definition;
  return {
    ...definition,
    params: params ?? NOTHING,
    query: query ?? NOTHING,
    body,
    run: (ground, sent) =>
      handle({
        ...ground,
        by: sent.by,
        // Where the definition has no schema its type is that of NOTHING, or undefined for the body.
        params: parse('path', params ?? NOTHING, sent.params) as z.output<Params>,
        query: parse('query', query ?? NOTHING, withoutEmpty(sent.query)) as z.output<Query>,
        body: (body === undefined ? undefined : parse('body', body, sent.body ?? {})) as z.output<Body>,
      }),
  };
}

/** An empty field of a form is none. */
function withoutEmpty(query: unknown): unknown {
  if (typeof query !== 'object' || query === null) return query;
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
}

const TOLD_MAX = 300;

function parse<Schema extends z.ZodType>(where: string, schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = [where, ...(issue?.path ?? [])].map(String).join('.');
  throw new HttpProblem(400, 'malformed', `${place}: ${issue?.message ?? 'malformed'}`.slice(0, TOLD_MAX));
}

/** Upper case is fine, as it is for the commands. */
export const jobId = z
  .string()
  .meta({ format: 'uuid' })
  .refine(isJobId, 'no job id; one looks like 0b8fc9a6-5a3e-4d0c-9a52-3f2f6f0d8a11')
  .transform(normaliseJobId);

export const jobParams = z.object({ job_id: jobId });

const LIMIT_DEFAULT = '50';

/** How many rows a page has. A pattern alone, for it stands in the OpenAPI document. */
export const limit = z
  .string()
  .regex(/^([1-9]\d?|[1-4]\d\d|500)$/, 'give a whole number from 1 to 500')
  .default(LIMIT_DEFAULT)
  .transform(Number);
