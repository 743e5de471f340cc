/**
 * The lines that arrive at a socket, one at a time; undefined once the other side hung up, in whatever way. A socket's error
 * is an end here, never an exception: readline would throw it.
 */
import type { Socket } from 'node:net';

export function socketLines(socket: Socket): () => Promise<string | undefined> {
  const lines: string[] = [];
  let rest = '';
  let over = false;
  let wake: (() => void) | undefined;
  const finish = (): void => {
    over = true;
    wake?.();
  };
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    wake?.();
  });
  for (const event of ['end', 'close', 'error'] as const) socket.on(event, finish);
  return async () => {
    while (lines.length === 0 && !over) await new Promise<void>((resolve) => (wake = resolve));
    return lines.shift();
  };
}
