// GET /api/events: the stream. The first state is asked for before the answer begins, so that a store that is away is a 503
// and no empty stream.
import type { FastifyInstance } from 'fastify';
import type { Feed } from './stream/feed.ts';

export function serveEvents(app: FastifyInstance, feed: Feed): void {
  app.get('/api/events', { exposeHeadRoute: false }, async (request, reply) => {
    const first = await feed.first();
    if (request.raw.destroyed) return reply.hijack(); // whoever asked is gone
    reply.header('content-type', 'text/event-stream; charset=utf-8');
    reply.header('x-accel-buffering', 'no'); // a proxy of nginx would hold the events back
    const headers = reply.getHeaders();
    reply.hijack();
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) reply.raw.setHeader(name, value);
    reply.raw.writeHead(200);
    feed.join(reply.raw, first);
    return reply;
  });
}
