// All sources of this process, each in its own loop, as one service. Its stop lets the statement in hand end, leaves the
// leases, and waits for the loops; what a poll had inserted by then holds, the rest comes with the next poll.
import type { Service } from '@jobhive/config';
import { runSourceLoop, type LoopParts } from './source-loop.ts';
import type { Source } from './sources/source.ts';

export function createPoller(sources: readonly Source[], parts: LoopParts): Service {
  const stopping = new AbortController();
  let loops: Promise<unknown> | undefined;
  return {
    name: 'poller',
    start: async () => {
      loops ??= Promise.all(sources.map((source) => runSourceLoop(source, parts, stopping.signal)));
      parts.log.event('poller.started', { sources: sources.map(({ name }) => name) });
      await Promise.resolve();
    },
    stop: async () => {
      stopping.abort();
      await loops;
      if (loops !== undefined) parts.log.event('poller.stopped');
    },
  };
}
