/**
 * A proxy before Postgres that reads along: one entry for each time a client waits for the server (a Sync, or a simple query),
 * with the names of the statements it then ran. It sees what really goes over the wire, and changes nothing.
 */
import { connect, createServer, type AddressInfo } from 'node:net';

export interface RoundTrips {
  readonly port: number;
  /** Since the last call; names joined by `+`, the text of a statement that has none. */
  take(): readonly string[];
  close(): Promise<void>;
}

const TYPE = { bind: 0x42, parse: 0x50, sync: 0x53, query: 0x51 } as const;

export async function countRoundTrips(databaseUrl: string): Promise<RoundTrips> {
  const { hostname, port } = new URL(databaseUrl);
  const trips: string[] = [];
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true });
    const read = frontendReader((trip) => trips.push(trip));
    client.on('data', (chunk) => {
      read(chunk);
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => client.write(chunk));
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    // A TCP server's address is never a string.
    port: (server.address() as AddressInfo).port,
    take: () => trips.splice(0),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Reads the client's half of the protocol: first a start-up message without a type, then type, length, body. */
function frontendReader(onTrip: (names: string) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let started = false;
  let ran: string[] = [];
  const texts = new Map<string, string>();
  const message = (type: number, body: Buffer): void => {
    const [first = '', second = ''] = body.toString('utf8').split('\0');
    if (type === TYPE.parse) texts.set(first, second.trim().slice(0, 60));
    // A Bind names its portal first, then the statement.
    if (type === TYPE.bind) ran.push(second === '' ? (texts.get('') ?? '') : second);
    if (type === TYPE.query) onTrip(first.trim().slice(0, 60));
    if (type !== TYPE.sync) return;
    onTrip(ran.join('+'));
    ran = [];
  };
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const head = started ? 1 : 0;
      if (rest.length < head + 4) return;
      const length = head + rest.readUInt32BE(head);
      if (rest.length < length) return;
      if (started) message(rest.readUInt8(0), rest.subarray(5, length));
      started = true;
      rest = rest.subarray(length);
    }
  };
}
