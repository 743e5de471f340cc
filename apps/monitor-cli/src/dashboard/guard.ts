// What is asked of every request before anything is done: that its host is ours, that who asks may, and of a write that our
// own page made it, as JSON. In this order, and before a body is read.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createAuthorise, type Role, type Tokens } from './access/authorise.ts';
import { refuseForeignHost, refuseForeignOrigin } from './access/same-origin.ts';
import { NOT_KEPT, SECURITY_HEADERS } from './access/security-headers.ts';
import { HttpProblem } from './problem.ts';

const JSON_TYPE = /^application\/json\s*(;|$)/i;

const API = /^\/api(\/|\?|$)/;

/** By the route that will answer, not only by how it was asked for: the router also takes `/%61pi` and `http://host/api`. */
export function isApi({ routeOptions, url }: FastifyRequest): boolean {
  return API.test(routeOptions.url ?? '') || API.test(url);
}

/** Who asks, once the guard has let the request in. */
const roles = new WeakMap<FastifyRequest, Role>();

/** For the history: who, and from where. */
export function askerOf(request: FastifyRequest): string {
  return `dashboard:${roles.get(request) ?? 'anonymous'} from ${request.ip.replace(/^::ffff:/, '')}`;
}

export function guard(app: FastifyInstance, tokens: Tokens): void {
  const authorise = createAuthorise(tokens);
  const open = tokens.operator === undefined && tokens.viewer === undefined;
  app.addHook('onRequest', (request, reply, next) => {
    reply.headers(SECURITY_HEADERS);
    const { headers, method } = request;
    const writes = method !== 'GET' && method !== 'HEAD';
    if (isApi(request)) reply.header('cache-control', NOT_KEPT);
    if (open) refuseForeignHost(headers.host);
    if (writes) refuseForeignOrigin(headers);
    if (isApi(request)) roles.set(request, authorise(headers.authorization, writes));
    if (writes && !JSON_TYPE.test(headers['content-type'] ?? '')) refuseType(request);
    next();
  });
}

/** A path that takes no write is told first: it is a 404 or 405, whatever was sent. */
function refuseType({ is404 }: FastifyRequest): void {
  if (!is404) throw new HttpProblem(415, 'media_type', 'send the body as `Content-Type: application/json`');
}
