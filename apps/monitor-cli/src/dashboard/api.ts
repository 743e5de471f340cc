// The routes on Fastify: path, parse, one call, JSON. And what stands for a path that is none: 404, or 405 where another
// method is meant.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeError, type Logger } from '@jobhive/config';
import { askerOf, isApi } from './guard.ts';
import { openapiDocument } from './openapi.ts';
import { NOT_KEPT, SECURITY_HEADERS } from './access/security-headers.ts';
import { HttpProblem, PROBLEM_TYPE, toProblem, type Problem } from './problem.ts';
import type { Ground, Route } from './route.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

export function serveApi(app: FastifyInstance, routes: readonly Route[], ground: Ground): void {
  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      handler: async (request, reply) => {
        const { params, query, body } = request;
        const answer = await route.run(ground, { params, query, body, by: askerOf(request) });
        return reply.type(JSON_TYPE).send(JSON.stringify(answer));
      },
    });
  }
  const openapi = JSON.stringify(openapiDocument(routes));
  app.get('/api/openapi.json', (_request, reply) => reply.type(JSON_TYPE).send(openapi));
}

/** Bodies are JSON; an empty one is none. */
export function takeJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, text === '' ? undefined : JSON.parse(String(text)));
    } catch {
      done(new HttpProblem(400, 'malformed', 'body: it is no JSON'));
    }
  });
}

export function answerProblems(app: FastifyInstance, log: Logger): void {
  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { problem, headers, unexpected } = toProblem(error);
    const { method, routeOptions } = request;
    if (unexpected) log.event('dashboard.request_failed', { method, route: routeOptions.url, ...describeError(error) });
    return sendProblem(reply.headers(headers), problem);
  };
  app.setErrorHandler(refuse);
  app.setNotFoundHandler((request, reply) => refuse(notFound(app, request), request, reply));
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .type(PROBLEM_TYPE)
    .send(Buffer.from(JSON.stringify(problem)));
}

/** An address that is none comes before any hook: without the guard, and so without an answer but this. */
export function answerBadAddress(_error: unknown, _request: FastifyRequest, reply: FastifyReply): void {
  const { problem } = toProblem(new HttpProblem(400, 'malformed', 'this address is malformed'));
  sendProblem(reply.headers({ ...SECURITY_HEADERS, 'cache-control': NOT_KEPT }), problem);
}

const METHODS = ['GET', 'POST'] as const;

function notFound(app: FastifyInstance, request: FastifyRequest): HttpProblem {
  const path = request.url.replace(/\?.*$/, '');
  const allowed = METHODS.filter((method) => app.findRoute({ method, url: path }) !== null);
  if (allowed.length === 0) {
    const where = isApi(request) ? '; /api/openapi.json lists what there is' : '';
    return new HttpProblem(404, 'no_such_page', `there is nothing at this address${where}`);
  }
  return new HttpProblem(405, 'wrong_method', `this address takes ${allowed.join(' and ')}`, {
    allow: allowed.join(', '),
  });
}
