// GET / and the page's files: no token, no data. Each is asked for again at every visit, and answered 304 where it is the same.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PageFile } from './page-files.ts';

export function servePage(app: FastifyInstance, files: ReadonlyMap<string, PageFile>): void {
  for (const [path, file] of files) app.get(path, (request, reply) => send(file, request, reply));
}

function send(file: PageFile, { headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const zips = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(String(headers['accept-encoding'] ?? ''));
  const zipped = zips ? file.gzipped : undefined;
  const { bytes, etag } = zipped ?? file.plain;
  reply.header('cache-control', 'no-cache').header('vary', 'accept-encoding').header('etag', etag);
  if (isKnown(headers['if-none-match'], etag)) return reply.code(304).send();
  if (zipped !== undefined) reply.header('content-encoding', 'gzip');
  return reply.type(file.type).send(bytes);
}

function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((one) => one.trim().replace(/^W\//, '') === etag || one.trim() === '*');
}
