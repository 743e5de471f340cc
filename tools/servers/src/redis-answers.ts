/**
 * Asks a Redis whether it is the process we started, and ready: another server may hold the port. Spoken by hand, so that
 * this package needs no client.
 */
import { connect } from 'node:net';

const BOUND_MS = 1_000;

export function redisAnswers(port: number, pid: number, password: string | undefined): Promise<boolean> {
  const auth = password === undefined ? '' : command('AUTH', password);
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect({ port, host: '127.0.0.1', timeout: BOUND_MS });
    const answer = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.on('connect', () => socket.write(`${auth}${command('PING')}${command('INFO', 'server')}`));
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      if (heard.includes('-LOADING')) answer(false);
      else if (/process_id:\d+\r\n/.test(heard))
        answer(heard.includes('+PONG') && heard.includes(`process_id:${pid}\r\n`));
    });
    socket.on('timeout', () => answer(false));
    socket.on('error', () => answer(false));
    socket.on('close', () => answer(false));
  });
}

function command(...words: readonly string[]): string {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join('')}`;
}
