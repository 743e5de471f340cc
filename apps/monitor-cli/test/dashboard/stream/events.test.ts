// /api/events over real stores: the status when it changed, the outage told, the end at a stop, and the end of a reader that takes
// nothing. What a thousand readers cost is in crowd.test.ts.
/* eslint-disable @typescript-eslint/no-unsafe-assignment --
   the documents of the program under test come as they are: their shape is what is tested here */
import { createServer } from 'node:http';
import { waitFor, type Proxy } from '@jobhive/test-kit';
import { systemClock } from '@jobhive/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFeed } from '../../../src/dashboard/stream/feed.ts';
import { startSystem, type System } from '../../system.ts';
import { startBench, startBenchBehindProxy, type Bench } from '../bench.ts';
import { looksAt, openDeafStream, openStream, shows, type Stream } from './streams.ts';

let system: System;
let bench: Bench;
let postgres: Proxy;
beforeAll(async () => {
  system = await startSystem();
  ({ bench, postgres } = await startBenchBehindProxy(system));
  await bench.open.redis.ready(5000);
});
afterAll(async () => {
  await bench.stop();
  await system.stop();
});

const last = (stream: Stream) => stream.events.at(-1);
const looks = (): Promise<number> => looksAt(system.redis);
let discovered = 0;
/** Soon more than a connection holds by itself. */
const FRAME_BYTES = 1024 * 1024;
const STUCK_MS = 3000;
async function discover(count: number): Promise<void> {
  await system.discover(count);
  discovered += count;
}

describe('a reader of /api/events', () => {
  it('gets the status at once, then whenever it changed, and never for a latency alone', async () => {
    await discover(1);
    const stream = await openStream(bench.port);
    await waitFor('the first status', () => shows(stream, discovered));
    expect(stream.head).toMatch(/^HTTP\/1.1 200 OK\r\n(.+\r\n)*content-type: text\/event-stream/i);
    expect(stream.head).toMatch(/cache-control: no-store/);
    const before = await looks();
    await waitFor('looks at the queue', async () => (await looks()) >= before + 3);
    expect(stream.events).toHaveLength(1);
    await discover(2);
    await waitFor('the change', () => shows(stream, discovered), { timeoutMs: 3000 });
    const { json } = await bench.ask('/api/status');
    expect({ ...last(stream)?.data, redis: 0, postgres: 0 }).toEqual({ ...json, redis: 0, postgres: 0 });
    stream.close();
  });

  it('is told once that Postgres went, keeps the stream, and goes on when it is back', async () => {
    const stream = await openStream(bench.port);
    await waitFor('the first status', () => shows(stream, discovered));
    await postgres.refuse(true);
    postgres.cut();
    await waitFor('the problem', () => last(stream)?.event === 'problem');
    expect(last(stream)?.data).toMatchObject({ status: 503, code: 'postgres_away' });
    await postgres.heal();
    await waitFor('the status', () => last(stream)?.event === 'status');
    expect(stream.events.map(({ event }) => event)).toEqual(['status', 'problem', 'status']);
    stream.close();
  });

  it('costs nothing once it has gone', async () => {
    const stream = await openStream(bench.port);
    await waitFor('the first status', () => stream.events.length > 0);
    stream.close();
    let quiet = { looks: -1, since: 0 };
    await waitFor('two seconds without a look', async () => {
      const seen = await looks();
      if (seen !== quiet.looks) quiet = { looks: seen, since: performance.now() };
      return performance.now() - quiet.since > 2000; // at rest one comes every 1.25 s
    });
  });

  it('sees the stream end when the dashboard stops, at once', async () => {
    const other = await startBench(system);
    const stream = await openStream(other.port);
    await waitFor('the first status', () => stream.events.length > 0);
    const from = performance.now();
    await other.stop();
    expect(performance.now() - from).toBeLessThan(1500);
    await waitFor('the end', () => stream.closed);
    await other.dashboard.stop();
  });
});

/** The longest time without an event, up to now. */
function longestSilenceMs({ events }: Stream): number {
  const moments = [...events.map(({ atMs }) => atMs), performance.now()];
  return Math.max(...moments.slice(1).map((atMs, n) => atMs - (moments[n] ?? 0)));
}

describe('a reader that takes nothing', () => {
  it('is cut off, holds up no other one meanwhile, and nothing is kept for it but the newest frame', async () => {
    const status = await bench.open.queue.status();
    let depth = 0;
    const large = (): Promise<typeof status> =>
      Promise.resolve({ ...status, depth: (depth += 1), queue: 'q'.repeat(FRAME_BYTES) });
    const feed = createFeed({
      status: large,
      clock: systemClock,
      onUnexpected: () => undefined,
      patience: { stuckMs: STUCK_MS },
    });
    let buffered = 0;
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      void feed.first().then((first) => feed.join(response, first));
      const write = response.write.bind(response) as (bytes: Buffer) => boolean;
      response.write = ((bytes: Buffer) => {
        const took = write(bytes);
        buffered = Math.max(buffered, response.writableLength);
        return took;
      }) as typeof response.write; // the feed writes Buffers alone
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const deaf = await openDeafStream(port);
    const other = await openStream(port);
    try {
      await waitFor('both', () => feed.readers === 2);
      await waitFor('the deaf one to be cut off', () => feed.readers === 1, { timeoutMs: 20_000 });
      expect(longestSilenceMs(other)).toBeLessThan(STUCK_MS / 2);
      deaf.listen();
      await waitFor('the deaf one to find its end', () => deaf.closed);
      const seen = other.events.length;
      await waitFor('the other one to go on', () => other.events.length > seen + 2);
      expect(buffered).toBeLessThan(FRAME_BYTES + 256 * 1024);
    } finally {
      deaf.close();
      other.close();
      await feed.stop();
      server.closeAllConnections();
      server.close();
    }
  });
});
