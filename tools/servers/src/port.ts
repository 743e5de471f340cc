/**
 * Free ports for private servers. Below Linux's ephemeral range (32768 on), so that a port survives while its server is
 * down: no outgoing connection takes it. Nothing is reserved: whoever uses the port must be ready to ask for another.
 */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;
const TRIES_MAX = 50;

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await canListen(port)) return port;
  }
  throw new Error(`no free port between ${FIRST_PORT} and ${LAST_PORT} after ${TRIES_MAX} tries: end what holds them`);
}

export function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
