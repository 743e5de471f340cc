import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dashboardPortWords } from '../src/dashboard-port.ts';

const HOST = '127.0.0.1';
let server: Server;
let taken: number;
beforeAll(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  // A TCP server's address is never a string.
  taken = (server.address() as AddressInfo).port;
});
afterAll(() => void server.close());

it('a port that somebody set is taken as it is, also where it is taken', async () => {
  expect(await dashboardPortWords(String(taken), { host: HOST, port: taken })).toEqual([]);
});

it('where the default is taken, another one that is free is chosen', async () => {
  const [flag, port] = await dashboardPortWords(undefined, { host: HOST, port: taken });
  expect([flag, Number(port) > 0, Number(port) === taken]).toEqual(['--port', true, false]);
});

it('the default is kept where it is free; an empty variable is an unset one', async () => {
  const [, free] = await dashboardPortWords('', { host: HOST, port: taken });
  expect(await dashboardPortWords('', { host: HOST, port: Number(free) })).toEqual(['--port', free]);
});

it('a host that is none of ours is left for the dashboard to refuse', async () => {
  expect(await dashboardPortWords(undefined, { host: '203.0.113.1', port: 9181 })).toEqual(['--port', '9181']);
});
