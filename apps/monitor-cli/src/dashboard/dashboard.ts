// The dashboard: one server for the page, the API and the stream of events. It keeps nothing of its own; the stores may go
// away and come back while it runs. Its stop is bounded: streams are ended, long work ends after the page in hand, and what
// still holds a connection after a moment is cut.
import { fastify, type FastifyInstance } from 'fastify';
import { describeError, UnavailableError, type Clock, type Logger, type Service } from '@jobhive/config';
import type { OpenQueue } from '@jobhive/queue';
import type { Tokens } from './access/authorise.ts';
import { answerBadAddress, answerProblems, serveApi, takeJson } from './api.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { serveEvents } from './events.ts';
import { guard } from './guard.ts';
import { readPageFiles } from './page-files.ts';
import { ROUTES } from './routes.ts';
import { servePage } from './serve-page.ts';
import { createFeed, type Feed } from './stream/feed.ts';
import type { Patience } from './stream/reader.ts';

export interface DashboardParts {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tokens: Tokens;
  readonly open: OpenQueue;
  readonly log: Logger;
  readonly clock: Clock;
  readonly pageFolder: string;
  readonly patience?: Partial<Patience>;
}

export interface Dashboard extends Service {
  /** `http://127.0.0.1:9181`, once it is started. */
  readonly address: string;
}

const BODY_BYTES_MAX = 1024 * 1024;
const HEADER_BYTES_MAX = 16 * 1024;
/** To receive a request whole. */
const REQUEST_TIMEOUT_MS = 30_000;
const CONNECTIONS_MAX = 10_000;
/** What requests in hand may take at a stop. */
const DRAIN_MS = 2000;

function createApp(): FastifyInstance {
  return fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200 },
    http: { maxHeaderSize: HEADER_BYTES_MAX },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: answerBadAddress,
  });
}

export function createDashboard(parts: DashboardParts): Dashboard {
  const { open, log, clock, host, port } = parts;
  const stopping = new AbortController();
  const onUnexpected = (error: unknown): void => log.event('dashboard.request_failed', describeError(error));
  const feed = createFeed({ status: open.queue.watchStatus(), clock, onUnexpected, patience: parts.patience });
  const app = createApp();
  let address = '';
  return {
    name: 'dashboard',
    get address() {
      return address;
    },
    start: async () => {
      takeJson(app);
      answerProblems(app, log);
      guard(app, parts.tokens);
      serveApi(app, ROUTES, { open, clock, shutdown: stopping.signal });
      serveEvents(app, feed);
      servePage(app, readPageFiles(parts.pageFolder));
      app.server.maxConnections = CONNECTIONS_MAX;
      await app.listen({ host, port, backlog: 1024 }).catch((error: unknown) => {
        throw cannotListen(error, port);
      });
      address = addressOf(app, host);
      log.event('dashboard.listening', { address });
    },
    stop: () => stop(app, feed, stopping),
  };
}

async function stop(app: FastifyInstance, feed: Feed, stopping: AbortController): Promise<void> {
  stopping.abort();
  await feed.stop();
  const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
  await app.close();
  clearTimeout(cut);
}

function addressOf({ server }: FastifyInstance, host: string): string {
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return `http://${name}:${String(port)}`;
}

function cannotListen(error: unknown, port: number): UnavailableError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  if (code === 'EADDRINUSE') {
    return new UnavailableError(`port ${String(port)} is taken; end what listens there, or choose another --port`, {
      code: 'port_taken',
      cause: error,
    });
  }
  return new UnavailableError(
    `port ${String(port)} cannot be listened on (${code}); correct DASHBOARD_HOST, or choose another --port`,
    { cause: error },
  );
}
