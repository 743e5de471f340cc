// The OpenAPI 3.1 document, made from the very schemas by which the routes parse what is sent and by which the tests judge
// what they answer. Pure. Objects that are answered may get further keys later; those that are sent may not have any.
import * as z from 'zod';
import { VERSION } from '../version.ts';
import type { Route } from './route.ts';
import { problemDocument } from './schema/problem.ts';
import { documents } from './schema/register.ts';
import { statusDocument } from './schema/status.ts';

type Json = Record<string, unknown>;
type Io = 'input' | 'output';

const SCHEMAS = '#/components/schemas/';
const LOCAL = '#/$defs/';

function options(io: Io) {
  return {
    metadata: documents,
    io,
    unrepresentable: 'any' as const,
    override: ({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: Json }): void => {
      Object.assign(jsonSchema, z.globalRegistry.get(zodSchema)); // what a schema says of itself by describe() and meta()
      if (io === 'output' && jsonSchema['additionalProperties'] === false) delete jsonSchema['additionalProperties'];
      if (jsonSchema['format'] !== undefined) delete jsonSchema['pattern']; // the format says it, and is read by people
      delete jsonSchema['propertyNames'];
      delete jsonSchema['readOnly']; // of our types, not of the document
    },
  };
}

/** References to named schemas lead to the components; what only a schema of its own bears goes. */
function within(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(within);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !['$schema', '$id', '$defs'].includes(key))
      .map(([key, value]) => [key, key === '$ref' ? String(value).replace(LOCAL, SCHEMAS) : within(value)]),
  );
}

function schemaOf(schema: z.ZodType, io: Io): Json {
  const id = documents.get(schema)?.id;
  if (id !== undefined) return { $ref: SCHEMAS + id };
  return within(z.toJSONSchema(schema, options(io))) as Json; // an object in, an object out
}

function components(): Json {
  const { schemas } = z.toJSONSchema(documents, { ...options('output'), uri: (id) => SCHEMAS + id });
  return within(schemas) as Json; // an object in, an object out
}

function parameters(schema: z.ZodObject, place: 'path' | 'query'): Json[] {
  return Object.entries(schema.shape).map(([name, one]) => {
    const { description, ...rest } = schemaOf(one as z.ZodType, 'input'); // zod types the values of a shape more widely
    return {
      name,
      in: place,
      required: place === 'path',
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'Malformed',
  401: 'No token, or a wrong one',
  403: 'May not: this token may only read, or another site asks',
  404: 'Unknown',
  409: 'The state does not allow it',
  413: 'Too large',
  415: 'Another content type than JSON',
  429: 'The enqueue budget is used up; ask again after Retry-After seconds',
  503: 'A store is away',
};

const problemAnswers = (statuses: readonly number[]): Json =>
  Object.fromEntries(
    statuses.map((status) => [
      String(status),
      {
        description: PROBLEMS[status] ?? 'Refused',
        content: { 'application/problem+json': { schema: schemaOf(problemDocument, 'output') } },
      },
    ]),
  );

/** None is taken as `{}`: it has to be sent where that would not do. */
function requestBody(body: z.ZodType): Json {
  const content = { 'application/json': { schema: schemaOf(body, 'input') } };
  return body.safeParse({}).success ? { content } : { required: true, content };
}

function operation({ method, path, summary, params, query, body, answer, refuses = [] }: Route): Json {
  const always = method === 'GET' ? [400, 401, 403, 503] : [400, 401, 403, 413, 415, 503];
  return {
    operationId: `${method.toLowerCase()} ${path}`.replaceAll(/[^a-z]+/gi, '_').replaceAll(/^_|_$/g, ''),
    summary,
    parameters: [...parameters(params, 'path'), ...parameters(query, 'query')],
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: {
      200: { description: summary, content: { 'application/json': { schema: schemaOf(answer, 'output') } } },
      ...problemAnswers([...always, ...refuses].sort((a, b) => a - b)),
    },
  };
}

/** The two that stand beside the routes. */
const BESIDE: Json = {
  '/api/events': {
    get: {
      operationId: 'get_api_events',
      summary: 'The document of /api/status whenever it changed',
      description:
        'Server-sent events. `status` has the document of /api/status, at most four a second, and not for a latency alone; `problem` tells once that a store went away. A comment comes at least every 15 s.',
      responses: {
        200: {
          description: 'A stream without an end',
          content: {
            'text/event-stream': { schema: { type: 'string' }, 'x-event-data': schemaOf(statusDocument, 'output') },
          },
        },
        ...problemAnswers([401, 403, 503]),
      },
    },
  },
  '/api/openapi.json': {
    get: {
      operationId: 'get_api_openapi_json',
      summary: 'This document',
      responses: {
        200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } },
        ...problemAnswers([401, 403]),
      },
    },
  },
};

export function openapiDocument(routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'jobhive',
      version: VERSION,
      description:
        'What operators see of the job queue, and how they mend it. Errors are RFC 9457 problem documents. A write needs `Content-Type: application/json`; an empty query parameter counts as none.',
    },
    security: [{ token: [] }],
    paths: { ...paths, ...BESIDE },
    components: {
      schemas: components(),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'OPERATOR_TOKEN may write, VIEWER_TOKEN may read; needed where one is set',
        },
      },
    },
  };
}
