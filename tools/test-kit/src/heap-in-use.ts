/** How much of a Node program's heap is still in use, garbage left out: what grows there with the work done is a leak. */
import { fileURLToPath } from 'node:url';
import type { StartedProgram } from './program.ts';
import { waitFor } from './wait-for.ts';

const ASKED = 3;

/** NODE_OPTIONS of a program of which heapInUse() is asked. */
export const HEAP_OPTIONS = `--expose-gc --import=${fileURLToPath(new URL('heap-on-signal.mjs', import.meta.url))}`;

/** The smallest of some looks, in bytes: work of the moment is in the others. Of the main thread. */
export async function heapInUse(program: StartedProgram): Promise<number> {
  const told = (): RegExpMatchArray[] => [...program.stderr().matchAll(/^heap in use: (\d+)$/gm)];
  const before = told().length;
  for (let asked = 1; asked <= ASKED; asked += 1) {
    program.signal('SIGUSR2');
    await waitFor('the heap', () => told().length >= before + asked);
  }
  return Math.min(
    ...told()
      .slice(before)
      .map(([, bytes]) => Number(bytes)),
  );
}
