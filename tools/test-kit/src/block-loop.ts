/**
 * Blocks the event loop of a Node process, and of nothing else: its threads go on. Node opens its debugger at SIGUSR1; through
 * that the main thread is told to turn in a loop. No code of the program takes part. It is to be started with
 * `--inspect-port=0`, for a port of its own.
 */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const OPEN_MS = 3000;
const LOOK_MS = 50;

/**
 * @param heard all that the process has written to stderr
 * @returns undefined where the process has ended, or is too young to listen
 */
export async function openDebugger(pid: number, heard: () => string | Promise<string>): Promise<URL | undefined> {
  try {
    process.kill(pid, 'SIGUSR1');
  } catch {
    return undefined; // it has just ended
  }
  for (const until = Date.now() + OPEN_MS; Date.now() < until; await pause(LOOK_MS)) {
    const found = [...(await heard()).matchAll(/Debugger listening on (ws:\S+)/g)].at(-1)?.[1];
    if (found !== undefined) return new URL(found);
  }
  return undefined;
}

/**
 * One message over a WebSocket (RFC 6455): the handshake, then a masked text frame. No answer is waited for.
 * @param whileTrue an expression, evaluated in the process
 */
export function blockLoop(address: URL, whileTrue: string): void {
  const params = { expression: `{ while (${whileTrue}); }` };
  const socket = connect(Number(address.port), address.hostname);
  socket.on('error', () => undefined); // the process was killed meanwhile
  socket.write(
    `GET ${address.pathname} HTTP/1.1\r\nHost: ${address.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  socket.once('data', () => {
    socket.write(frame(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params })));
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
