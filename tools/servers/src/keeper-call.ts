/**
 * How a client and the keeper of a working copy speak. The keeper listens on one of ten ports of the loopback which follow
 * from the working copy's path: the first that is free, so holding one is the lock that allows one keeper a copy, and it
 * goes with the process however that ends. The client says `use NAMES` or `find`; the keeper answers a line `jobhive-keeper
 * COPY KEEPER starting|stopping`, then `ready` or `failed MESSAGE`. While a `use` connection is open the services run.
 */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { socketLines } from './socket-lines.ts';

const FIRST_PORT = 16_000;
const PORTS = 4_000;
const CANDIDATES = 10;
const GREETING_MS = 2_000;

export function copyId(root: string): string {
  const whose = `${process.getuid?.() ?? ''}:${realpathSync(root)}`;
  return createHash('sha256').update(whose).digest('hex').slice(0, 16);
}

export function keeperPorts(root: string): readonly number[] {
  const first = Number.parseInt(copyId(root).slice(0, 8), 16);
  return Array.from({ length: CANDIDATES }, (_, n) => FIRST_PORT + ((first + n * 397) % PORTS));
}

/** A line of conversation with the keeper, open until it is ended. */
export interface KeeperCall {
  readonly keeper: string;
  readonly stopping: boolean;
  /** The keeper's next line, undefined when it hung up. */
  nextLine(): Promise<string | undefined>;
  /** Hangs up, and waits until the keeper has done so too. */
  end(): Promise<void>;
}

/** Undefined where no keeper of this working copy runs. */
export async function callKeeper(root: string, request: string): Promise<KeeperCall | undefined> {
  for (const port of keeperPorts(root)) {
    const call = await dial(port, copyId(root), request);
    if (call !== undefined) return call;
  }
  return undefined;
}

/** Somebody else may listen there: only a proper greeting counts. */
async function dial(port: number, copy: string, request: string): Promise<KeeperCall | undefined> {
  const socket = await open(port);
  if (socket === undefined) return undefined;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const lines = socketLines(socket);
  /** Waiting for an answer keeps us alive; holding the line does not. */
  const nextLine = async (): Promise<string | undefined> => {
    socket.ref();
    const line = await lines();
    socket.unref();
    return line;
  };
  socket.write(`${request}\n`);
  const silence = setTimeout(() => socket.destroy(), GREETING_MS);
  const [who, whose, keeper, state] = ((await nextLine()) ?? '').split(' ');
  clearTimeout(silence);
  if (who !== 'jobhive-keeper' || whose !== copy || keeper === undefined) {
    socket.destroy();
    return undefined;
  }
  const end = async (): Promise<void> => {
    socket.ref();
    socket.end();
    await closed;
  };
  return { keeper, stopping: state === 'stopping', nextLine, end };
}

function open(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
    socket.once('error', () => resolve(undefined));
  });
}
