// A dashboard in this process over the stores of a test's system, and a client that sends exactly the headers it is told.
import { request, type IncomingHttpHeaders } from 'node:http';
import { readEnvironment, silentLogger, systemClock } from '@jobhive/config';
import { openQueue, type OpenQueue } from '@jobhive/queue';
import { tcpProxy, type Proxy } from '@jobhive/test-kit';
import { createDashboard, type Dashboard, type DashboardParts } from '../../src/dashboard/dashboard.ts';
import type { System } from '../system.ts';

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Its shape is what the test is about. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any;
}

export interface Sending {
  readonly method?: string | undefined;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string goes as it is, anything else as JSON. */
  readonly body?: unknown;
}

export interface Bench {
  readonly dashboard: Dashboard;
  readonly open: OpenQueue;
  readonly port: number;
  ask(path: string, sending?: Sending): Promise<Answered>;
  /** A POST as the page sends it. */
  post(path: string, body?: unknown, sending?: Sending): Promise<Answered>;
  stop(): Promise<void>;
}

export interface BenchOptions extends Partial<Pick<DashboardParts, 'tokens' | 'pageFolder' | 'patience'>> {
  readonly env?: NodeJS.ProcessEnv;
}

export function send(
  port: number,
  path: string,
  { method = 'GET', token, headers, body }: Sending = {},
): Promise<Answered> {
  const bytes = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        agent: false,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(bytes === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes) }),
          ...headers,
        },
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text,
            get json() {
              return JSON.parse(text) as unknown;
            },
          });
        });
      },
    );
    asked.on('error', reject);
    asked.end(bytes);
  });
}

export async function startBench(system: Pick<System, 'env'>, options: BenchOptions = {}): Promise<Bench> {
  const environment = readEnvironment({ ...system.env, ...options.env });
  const open = openQueue({ environment, log: silentLogger, role: 'operator' });
  const dashboard = createDashboard({
    host: '127.0.0.1',
    port: 0,
    tokens: options.tokens ?? { operator: undefined, viewer: undefined },
    open,
    log: silentLogger,
    clock: systemClock,
    pageFolder: options.pageFolder ?? 'no-such-folder',
    ...(options.patience === undefined ? {} : { patience: options.patience }),
  });
  await dashboard.start();
  const port = Number(new URL(dashboard.address).port);
  return {
    dashboard,
    open,
    port,
    ask: (path, sending) => send(port, path, sending),
    post: (path, body = {}, sending = {}) => send(port, path, { method: 'POST', body, ...sending }),
    stop: async () => {
      await dashboard.stop();
      await open.stop();
    },
  };
}

/** A bench that reaches Postgres through a proxy, which a test may cut; stop() ends both. */
export async function startBenchBehindProxy(system: System): Promise<{ bench: Bench; postgres: Proxy }> {
  const url = new URL(system.database.url);
  const postgres = await tcpProxy(Number(url.port), url.hostname);
  url.hostname = '127.0.0.1';
  url.port = String(postgres.port);
  const bench = await startBench(system, { env: { DATABASE_URL: url.href } });
  const stop = async (): Promise<void> => {
    await bench.stop();
    await postgres.close();
  };
  return { bench: { ...bench, stop }, postgres };
}
