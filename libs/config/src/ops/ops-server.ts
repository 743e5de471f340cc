/**
 * Three GET routes on node:http: `/healthz` (the process answers), `/readyz` (every check passes, else 503, with each
 * check's state), `/metrics`. Holds figures and names only, so it asks for no token. Bounded in time, in header size and
 * in connections; takes no body. It does not decide what ready means: the checks do.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { UnavailableError } from '../life/errors.ts';
import type { Service } from '../life/service.ts';
import { describeError } from '../log/describe-error.ts';
import type { Logger } from '../log/logger.ts';
import { checkReadiness, type HealthCheck } from './health.ts';
import type { Metrics } from './metrics.ts';

export interface OpsServerOptions {
  readonly port: number;
  /** Undefined: every address of the machine. */
  readonly host?: string;
  readonly metrics: Pick<Metrics, 'render' | 'contentType'>;
  readonly checks: readonly HealthCheck[];
  readonly log: Logger;
}

export interface OpsServer extends Service {
  /** The port it listens on while it is started. */
  readonly port: number | undefined;
}

const REQUEST_TIMEOUT_MS = 5_000;
const HEADER_BYTES_MAX = 8_192;
const CONNECTIONS_MAX = 100;
/** How long requests in hand may take at a stop. */
const DRAIN_MS = 1_000;

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export function createOpsServer(options: OpsServerOptions): OpsServer {
  const { port, host, log } = options;
  let server: Server | undefined;
  return {
    name: 'ops server',
    get port() {
      const address = server?.address();
      return typeof address === 'object' ? address?.port : undefined;
    },
    async start() {
      server = createServer(
        { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: HEADER_BYTES_MAX },
        (request, response) => void respond(request, response, options),
      );
      server.maxConnections = CONNECTIONS_MAX;
      await listen(server, port, host);
      log.event('ops.listening', { port: this.port });
    },
    async stop() {
      const stopping = server;
      server = undefined;
      if (stopping?.listening) await close(stopping);
    },
  };
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(error, port)));
    server.listen({ port, host }, resolve);
  });
}

function cannotListen(error: NodeJS.ErrnoException, port: number): Error {
  const cause = { cause: error };
  if (error.code === 'EADDRINUSE') {
    const cure = 'end what listens there, or set OPS_PORT to another port';
    return new UnavailableError(`port ${port} is taken: ${cure}`, { code: 'port_taken', ...cause });
  }
  return new UnavailableError(
    `port ${port} cannot be listened on (${error.code}): set OPS_PORT to another port`,
    cause,
  );
}

/** No new connections; those in hand have a second, then they are cut. */
async function close(server: Server): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(cut);
}

async function respond(request: IncomingMessage, response: ServerResponse, options: OpsServerOptions): Promise<void> {
  const { status, contentType, body } = await answer(request, options).catch((error: unknown) => {
    options.log.event('ops.request_failed', describeError(error));
    return text(500, 'this failed; the log tells why\n');
  });
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
    ...(status === 405 || status === 413 ? { connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answer(request: IncomingMessage, { metrics, checks }: OpsServerOptions): Promise<Answer> {
  const path = (request.url ?? '').split('?', 1)[0];
  if (path !== '/healthz' && path !== '/readyz' && path !== '/metrics') return text(404, 'no such page\n');
  if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'only GET and HEAD\n');
  if (hasBody(request)) return text(413, 'no body is taken here\n');
  if (path === '/metrics') return { status: 200, contentType: metrics.contentType, body: await metrics.render() };
  if (path === '/healthz') return json(200, { status: 'ok' });
  const readiness = await checkReadiness(checks);
  return json(readiness.ready ? 200 : 503, readiness);
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

const text = (status: number, body: string): Answer => ({ status, contentType: 'text/plain; charset=utf-8', body });

const json = (status: number, body: object): Answer => ({
  status,
  contentType: 'application/json',
  body: `${JSON.stringify(body)}\n`,
});
