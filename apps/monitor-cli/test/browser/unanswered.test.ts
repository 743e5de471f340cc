// What the page tells of a call that is answered late or not at all, by a server that does so. The retry of many dead letters
// answers when all is done: after 15 s the page had said that the dashboard does not answer, and that it is asked again by itself.
import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ProblemError } from '../../src/dashboard/page/api/problem.ts';
import { send, type Call } from '../../src/dashboard/page/api/send.ts';
import { retryAct } from '../../src/dashboard/page/views/retry-act.ts';

let server: Server;
let address: string;
let asked = 0;
/** What the server does with a call. */
let answers: (response: ServerResponse) => void;
beforeAll(async () => {
  server = createServer((_request, response) => {
    asked += 1;
    answers(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  address = `http://127.0.0.1:${String(typeof bound === 'object' ? bound?.port : 0)}/api/failed/retry`;
});
beforeEach(() => {
  asked = 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const never = (): void => undefined;
const cut = (response: ServerResponse): void => void response.destroy();
const proxyGaveUp = (response: ServerResponse): void =>
  void response.writeHead(504).end('<h1>504 Gateway Time-out</h1>');

async function failureOf(call: Call): Promise<ProblemError> {
  const outcome = await send(address, call).catch((error: unknown) => error);
  if (outcome instanceof ProblemError) return outcome;
  throw new Error(`no failure of the call: ${String(outcome)}`);
}

it('a read without an answer is asked again, and says so', async () => {
  answers = never;
  const { status, title, message, next } = await failureOf({ withinMs: 100 });
  expect([status, title, message]).toEqual([0, 'The dashboard does not answer', 'No answer within 0.1 s.']);
  expect(next).toMatch(/^It is asked again by itself/);
});

it.each([
  ['late', never, 1000, 'No answer yet', /goes on.* not asked for a second time: look again/],
  ['cut', cut, 10_000, 'The dashboard does not answer', /may have been done.* not asked for a second time: look/],
  ['given up by a proxy', proxyGaveUp, 10_000, 'No answer yet', /goes on: look again/],
])(
  'a write that is %s may have been done: it is asked once, and nothing else is promised',
  async (_how, how, withinMs, title, next) => {
    answers = how;
    const told = await failureOf({ method: 'POST', withinMs });
    expect([told.title, told.next]).toEqual([title, expect.stringMatching(next)]);
    expect(`${told.message} ${String(told.next)}`).not.toMatch(/by itself/);
    expect(asked).toBe(1);
  },
);

it('the retry of many dead letters is waited for, minutes and not seconds', async () => {
  const { withinMs, body } = retryAct(100_000, 'All failed jobs are queued again.', { all: true });
  expect(withinMs).toBe(10 * 60_000);
  answers = (response) => void setTimeout(() => response.end('{"retried":100000,"dispatched":true}'), 300);
  expect(await send(address, { method: 'POST', body, withinMs })).toEqual({ retried: 100_000, dispatched: true });
  answers = never;
  expect((await failureOf({ method: 'POST', body, withinMs: 100 })).message).toBe('No answer within 0.1 s.');
});
