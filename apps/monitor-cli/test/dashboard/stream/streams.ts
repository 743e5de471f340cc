// Readers of /api/events on bare sockets: what came, when, and one that takes nothing. And what their reading asks of Redis.
import { connect, type Socket } from 'node:net';
import type { StatusDocument } from '@jobhive/queue';
import type { TestRedis } from '@jobhive/test-kit';

export interface SentEvent {
  readonly event: string;
  /** Its shape is what the test is about. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly data: any;
  /** When it came, monotonic. */
  readonly atMs: number;
}

export interface Stream {
  /** The status line and the headers. */
  readonly head: string;
  readonly events: readonly SentEvent[];
  readonly closed: boolean;
  close(): void;
}

function openSocket(port: number, token?: string): Promise<Socket> {
  const headers = [
    'GET /api/events HTTP/1.1',
    'host: localhost',
    ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
  ];
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.off('error', reject).on('error', () => undefined); // an end is seen as closed
      socket.write(`${headers.join('\r\n')}\r\n\r\n`);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** One write is one chunk, so what stands between two events is a chunk's size, or a comment. */
const EVENT = /event: (\w+)\ndata: (.*)\n\n/g;

export async function openStream(port: number, token?: string): Promise<Stream> {
  const socket = await openSocket(port, token);
  const events: SentEvent[] = [];
  let [head, rest, closed] = ['', '', false];
  socket.setEncoding('utf8').on('data', (part: string) => {
    rest += part;
    if (head === '') head = /^[^]*?\r\n\r\n/.exec(rest)?.[0] ?? '';
    if (!rest.slice(-part.length - 1).includes('\n\n')) return;
    let taken = 0;
    for (const found of rest.matchAll(EVENT)) {
      const [all, event = '', data = ''] = found;
      events.push({ event, data: JSON.parse(data) as unknown, atMs: performance.now() });
      taken = found.index + all.length;
    }
    rest = rest.slice(taken);
  });
  socket.on('close', () => (closed = true));
  return {
    get head() {
      return head;
    },
    events,
    get closed() {
      return closed;
    },
    close: () => void socket.destroy(),
  };
}

/** Whether the newest that came is a status with so many discovered jobs. */
export function shows({ events }: Stream, discovered: number): boolean {
  const told = events.at(-1)?.data as Partial<StatusDocument> | undefined; // what else the stream tells has no counts
  return told?.counts?.discovered === discovered;
}

export interface DeafStream {
  readonly closed: boolean;
  /** Takes what came, and what comes. */
  listen(): void;
  close(): void;
}

/** Asks for the stream and then reads nothing of it. */
export async function openDeafStream(port: number): Promise<DeafStream> {
  const socket = await openSocket(port);
  socket.pause();
  let closed = false;
  socket.on('close', () => (closed = true));
  return {
    get closed() {
      return closed;
    },
    listen: () => void socket.resume(),
    close: () => void socket.destroy(),
  };
}

/** How often a queue was looked at: each look runs one script of Redis. */
export async function looksAt({ client }: TestRedis): Promise<number> {
  const [, calls = '0'] = /cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats')) ?? [];
  return Number(calls);
}
