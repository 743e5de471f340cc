import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Proxy, tcpProxy } from '../src/proxy.ts';
import { waitFor } from '../src/wait-for.ts';

/** A server that sends back what it gets. */
let echo: Server;
let proxy: Proxy;
let served: Socket[];
const clients: Client[] = [];

interface Client {
  readonly socket: Socket;
  heard: string;
  error: string | undefined;
  closed: boolean;
}

beforeEach(async () => {
  served = [];
  echo = createServer((socket) => {
    served.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', () => resolve()));
  // A TCP server's address is never a string.
  proxy = await tcpProxy((echo.address() as AddressInfo).port);
});

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy();
  await proxy.close();
  for (const socket of served) socket.destroy();
  await new Promise((resolve) => echo.close(resolve));
});

function dial(): Client {
  const client: Client = { socket: connect(proxy.port, '127.0.0.1'), heard: '', error: undefined, closed: false };
  client.socket.on('data', (chunk) => (client.heard += chunk.toString()));
  client.socket.on('error', (error: NodeJS.ErrnoException) => (client.error = error.code));
  client.socket.on('close', () => (client.closed = true));
  clients.push(client);
  return client;
}

async function talking(word: string): Promise<Client> {
  const client = dial();
  client.socket.write(word);
  await waitFor('the echo', () => client.heard === word);
  return client;
}

describe('tcpProxy', () => {
  it('hands bytes on in both directions, and an end too', async () => {
    const client = await talking('hello');
    client.socket.end();
    await waitFor('the close', () => client.closed && proxy.connections === 0);
    expect(client.error).toBeUndefined();
  });

  it('cuts open connections and takes new ones', async () => {
    const client = await talking('a');
    proxy.cut();
    await waitFor('the reset', () => client.error === 'ECONNRESET');
    await talking('b');
  });

  it('holds every chunk back by the delay', async () => {
    const client = await talking('a');
    proxy.delay(60);
    const asked = performance.now();
    client.socket.write('b');
    await waitFor('the late echo', () => client.heard === 'ab');
    expect(performance.now() - asked).toBeGreaterThanOrEqual(115);
  });

  it('swallows bytes without closing, and cuts what lost bytes when it is healed', async () => {
    const client = await talking('a');
    proxy.blackhole(true);
    client.socket.write('lost');
    const late = dial();
    late.socket.write('lost too');
    await waitFor('both connections', () => proxy.connections === 2);
    await expect(
      waitFor('anything', () => client.heard !== 'a' || late.heard !== '' || client.closed, { timeoutMs: 100 }),
    ).rejects.toThrow('waited');
    await proxy.heal();
    await waitFor('both resets', () => client.closed && late.closed);
    await talking('b');
  });

  it('swallows an end too, and cuts at healing what the other side had ended meanwhile', async () => {
    const client = await talking('a');
    proxy.blackhole(true);
    served[0]?.destroy();
    await expect(waitFor('the end', () => client.closed, { timeoutMs: 100 })).rejects.toThrow('waited');
    expect(proxy.connections).toBe(1);
    await proxy.heal();
    await waitFor('the reset', () => client.closed);
    await waitFor('nothing open', () => proxy.connections === 0);
  });

  it('keeps the order of what it carries when a delay ends', async () => {
    const client = await talking('a');
    proxy.delay(100);
    client.socket.write('b');
    await waitFor('it to be held', () => client.heard === 'a');
    await new Promise(setImmediate);
    proxy.delay(0);
    client.socket.write('c');
    await waitFor('all of it', () => client.heard.length === 3);
    expect(client.heard).toBe('abc');
  });

  it('loses answers alone: the server gets what is sent, and says it to nobody', async () => {
    const client = await talking('a');
    let got = '';
    served[0]?.on('data', (chunk: Buffer) => (got += chunk.toString()));
    proxy.loseAnswers(true);
    client.socket.write('b');
    await waitFor('the question', () => got === 'b');
    await expect(waitFor('an answer', () => client.heard !== 'a', { timeoutMs: 100 })).rejects.toThrow('waited');
    await proxy.heal();
    await waitFor('the reset', () => client.closed);
    await talking('c');
  });

  it('refuses new connections while old ones go on, and takes them again on the same port', async () => {
    const client = await talking('a');
    await proxy.refuse(true);
    const refused = dial();
    await waitFor('the refusal', () => refused.error === 'ECONNREFUSED');
    client.socket.write('b');
    await waitFor('the echo', () => client.heard === 'ab');
    await proxy.refuse(false);
    await talking('c');
  });
});
