/**
 * Blocks the event loop of a worker, and of nothing else: its threads go on. Node opens its debugger at SIGUSR1; through that the
 * main thread is told to turn in a loop for the time. No code of the product takes part.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';

const OPEN_MS = 3000;
const LOOK_MS = 50;

export const blockLoop: Fault = async ({ fleet }, { target, forMs }) => {
  const place = target % fleet.places;
  const pid = fleet.pid(place);
  const logFile = fleet.logFile(place);
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGUSR1');
  } catch {
    return; // it has just ended
  }
  const address = await debuggerOf(logFile);
  if (address === undefined) return; // it ended meanwhile, or was too young to listen
  await fleet.absent(place, 'blocked', async () => {
    send(address, `{ const until = Date.now() + ${String(forMs)}; while (Date.now() < until); }`);
    await pause(forMs + LOOK_MS);
  });
};

async function debuggerOf(logFile: string): Promise<URL | undefined> {
  for (const until = Date.now() + OPEN_MS; Date.now() < until; await pause(LOOK_MS)) {
    const found = [...(await readFile(logFile, 'utf8')).matchAll(/Debugger listening on (ws:\S+)/g)].at(-1)?.[1];
    if (found !== undefined) return new URL(found);
  }
  return undefined;
}

/** One message over a WebSocket (RFC 6455): the handshake, then a masked text frame. No answer is waited for. */
function send(address: URL, expression: string): void {
  const socket = connect(Number(address.port), address.hostname);
  socket.on('error', () => undefined); // the worker was killed meanwhile
  socket.write(
    `GET ${address.pathname} HTTP/1.1\r\nHost: ${address.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  socket.once('data', () => {
    socket.write(frame(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } })));
    socket.resume();
    setTimeout(() => socket.destroy(), 1000).unref();
  });
}

function frame(text: string): Buffer {
  const mask = randomBytes(4);
  const body = Buffer.from(text);
  if (body.length > 0xffff) throw new RangeError('too long for one short frame');
  const head = body.length < 126 ? Buffer.from([0x81, 0x80 | body.length]) : Buffer.alloc(4);
  if (body.length >= 126) {
    head[0] = 0x81;
    head[1] = 0x80 | 126;
    head.writeUInt16BE(body.length, 2);
  }
  return Buffer.concat([head, mask, body.map((byte, n) => byte ^ (mask[n % 4] ?? 0))]);
}
