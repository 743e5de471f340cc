/**
 * A TCP proxy that stands before a server and does to its connections what networks do: cut them, delay them, swallow what
 * they carry without closing, refuse new ones. It keeps its port through all of it.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface Proxy {
  readonly port: number;
  /** Connections open now. */
  readonly connections: number;
  /** Breaks all connections (RST); new ones are taken. */
  cut(): void;
  /** Holds every chunk back by this much, in both directions; 0 ends it. */
  delay(ms: number): void;
  /** Swallows all bytes of old and new connections, closing none. Off: what was swallowed stays lost. */
  blackhole(on: boolean): void;
  /** Swallows what the server says, alone: it gets each question, does what it is asked, and nobody hears of it. */
  loseAnswers(on: boolean): void;
  /** Refuses new connections, as a server that is down does; old ones go on. */
  refuse(on: boolean): Promise<void>;
  /** No fault any more. Connections that lost bytes are cut, since they cannot recover. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

interface Faults {
  delayMs: number;
  swallowing: 'nothing' | 'answers' | 'all';
}

interface Pair {
  readonly inner: Socket;
  readonly outer: Socket;
  lossy: boolean;
}

export async function tcpProxy(targetPort: number, targetHost = '127.0.0.1'): Promise<Proxy> {
  const faults: Faults = { delayMs: 0, swallowing: 'nothing' };
  const pairs = new Set<Pair>();
  const accept = (inner: Socket): void => {
    const pair = { inner, outer: connect({ port: targetPort, host: targetHost, noDelay: true }), lossy: false };
    pairs.add(pair);
    join(pair, faults, () => pairs.delete(pair));
  };
  let server: Server | undefined = await listen(0, accept);
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  const shut = (): Promise<void> => {
    const closing = server;
    server = undefined;
    // Connections that are open go on; the port is free at once, so the callback, which waits for them, is not awaited.
    closing?.close();
    return Promise.resolve();
  };
  const refuse = async (on: boolean): Promise<void> => {
    if (on) await shut();
    else server ??= await listen(port, accept);
  };
  return {
    port,
    get connections() {
      return pairs.size;
    },
    cut: () => breakAll(pairs),
    delay: (ms) => void (faults.delayMs = ms),
    blackhole: (on) => void (faults.swallowing = on ? 'all' : 'nothing'),
    loseAnswers: (on) => void (faults.swallowing = on ? 'answers' : 'nothing'),
    refuse,
    heal: async () => {
      Object.assign(faults, { delayMs: 0, swallowing: 'nothing' } satisfies Faults);
      breakAll([...pairs].filter((pair) => pair.lossy));
      await refuse(false);
    },
    close: async () => {
      await shut();
      breakAll(pairs);
    },
  };
}

function listen(port: number, accept: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ noDelay: true, allowHalfOpen: true }, accept);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function join(pair: Pair, faults: Faults, gone: () => void): void {
  for (const [from, to] of [
    [pair.inner, pair.outer],
    [pair.outer, pair.inner],
  ] as const) {
    const inOrder = delayLine();
    const swallowed = (): boolean =>
      faults.swallowing === 'all' || (faults.swallowing === 'answers' && from === pair.outer);
    from.on('data', (chunk) => {
      if (swallowed()) pair.lossy = true;
      else inOrder(faults.delayMs, () => to.writable && to.write(chunk));
    });
    from.on('end', () => {
      if (swallowed()) pair.lossy = true;
      else inOrder(faults.delayMs, () => to.end());
    });
    from.on('error', () => undefined); // told by close
    from.on('close', () => {
      if (swallowed())
        pair.lossy = true; // its end was swallowed too: the other side is cut when all is healed
      else to.destroy();
      if (to.destroyed) gone();
    });
  }
}

/** Holds acts back, each for its time, and never lets a later one pass an earlier one, also where the delay ends between them. */
function delayLine(): (ms: number, act: () => void) => void {
  const held: { readonly atMs: number; readonly act: () => void }[] = [];
  const release = (): void => {
    for (let [first] = held; first !== undefined; [first] = held) {
      const leftMs = first.atMs - performance.now();
      if (leftMs > 0) return void setTimeout(release, Math.ceil(leftMs));
      held.shift();
      first.act();
    }
  };
  return (ms, act) => {
    if (ms === 0 && held.length === 0) return act();
    held.push({ atMs: performance.now() + ms, act });
    if (held.length === 1) setTimeout(release, ms);
  };
}

function breakAll(pairs: Iterable<Pair>): void {
  for (const { inner, outer } of pairs) {
    inner.resetAndDestroy();
    outer.resetAndDestroy();
  }
}
