/**
 * The keeper of a working copy's services: a process of its own, started by the first who needs them. It counts its
 * clients' connections, which the kernel closes however a client ends; with the last one it stops the services and ends.
 * It outlives Ctrl-C; SIGTERM ends it in order. If it is killed, its guard ends the servers. Run as: keeper.ts ROOT
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { callKeeper, copyId, keeperPorts } from './keeper-call.ts';
import { keptServices } from './kept-services.ts';
import { socketLines } from './socket-lines.ts';
import { type ServiceName, serviceNames, stateFolder } from './state-folder.ts';

/** How long it waits for its first client. */
const LONELY_MS = 15_000;

const root = process.argv[2] ?? process.cwd();
const keeper = randomBytes(8).toString('hex');
const services = keptServices(stateFolder(root), keeper);
const clients = new Set<Socket>();
let stopping: Promise<void> | undefined;

for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('SIGTERM', () => void stop());

const server = await listen();
if (server === undefined) process.exit(0); // another keeper was quicker: the client finds that one
setTimeout(() => clients.size === 0 && void stop(), LONELY_MS);

function stop(): Promise<void> {
  stopping ??= (async () => {
    await services.stop();
    for (const client of clients) client.destroy();
    process.exit(0);
  })();
  return stopping;
}

/** The first port of ours that nobody holds; undefined where another keeper of this copy holds one. */
async function listen(): Promise<Server | undefined> {
  for (const port of keeperPorts(root)) {
    const other = await callKeeper(root, 'find');
    if (other !== undefined) return undefined;
    const bound = await bind(port);
    if (bound !== undefined) return bound;
  }
  throw new Error(
    `all ports of this working copy's keeper are taken (${keeperPorts(root).join(', ')}): free one of them`,
  );
}

function bind(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const listener = createServer({ allowHalfOpen: true }, (socket) => void converse(socket));
    listener.once('error', () => resolve(undefined));
    listener.listen(port, '127.0.0.1', () => resolve(listener));
  });
}

/** `allowHalfOpen`: a client that hung up and was the last hears us close only when the services are gone. */
async function converse(socket: Socket): Promise<void> {
  socket.on('error', () => socket.destroy());
  const request = await socketLines(socket)();
  socket.write(`jobhive-keeper ${copyId(root)} ${keeper} ${stopping === undefined ? 'starting' : 'stopping'}\n`);
  if (request === undefined || stopping !== undefined || !request.startsWith('use ')) socket.end();
  else await serve(socket, request.slice('use '.length).split(','));
}

async function serve(socket: Socket, wanted: readonly string[]): Promise<void> {
  clients.add(socket);
  const leave = async (): Promise<void> => {
    const counted = clients.delete(socket);
    if (counted && clients.size === 0) await stop();
    socket.end();
  };
  socket.once('end', () => void leave());
  socket.once('close', () => void leave());
  try {
    await services.ensure(serviceNames.filter((name: ServiceName) => wanted.includes(name)));
    socket.write('ready\n');
  } catch (error) {
    socket.write(`failed ${(error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ')}\n`);
  }
}
