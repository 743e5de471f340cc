import { systemClock } from '@jobhive/config';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createPost } from '../../src/notices/post.ts';
import { startWebhookReceiver, type Manner, type WebhookReceiver } from '@jobhive/test-kit';

let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await startWebhookReceiver('/hook?key=1');
});
beforeEach(() => {
  receiver.manner = 'takes';
});
afterAll(() => receiver.close());

const never = new AbortController().signal;
const postTo = (url: string, timeoutMs = 5000) => createPost({ url, secret: 's', clock: systemClock, timeoutMs });

it.each<[Manner, unknown]>([
  ['takes', { ok: true }],
  ['talks', { ok: true }],
  ['refuses', { ok: false, reason: 'status_500' }],
  ['moved', { ok: false, reason: 'status_307' }],
  ['slow', { ok: false, reason: 'timeout' }],
  ['cuts', { ok: false, reason: 'ECONNRESET' }],
])('a receiver that %s', async (manner, result) => {
  receiver.manner = manner;
  const before = receiver.received.length;
  expect(await postTo(receiver.url, manner === 'slow' ? 200 : 5000)('{}', never)).toEqual(result);
  const sent = receiver.received.slice(before);
  expect(sent).toMatchObject([{ body: '{}', headers: { 'content-type': 'application/json' } }]);
  expect(sent[0]?.headers['x-jobhive-timestamp']).toMatch(/^\d{10}$/);
});

it('one that is not there tells a code, and nothing of the address', async () => {
  expect(await postTo('http://127.0.0.1:1/secret')('{}', never)).toEqual({ ok: false, reason: 'ECONNREFUSED' });
  const nowhere = await postTo('http://nowhere.invalid/secret')('{}', never);
  expect(JSON.stringify(nowhere)).not.toMatch(/invalid|secret/);
});

it('an aborted one rejects with the reason', async () => {
  receiver.manner = 'slow';
  const stop = new AbortController();
  const asked = postTo(receiver.url)('{}', stop.signal);
  stop.abort(new Error('the end'));
  await expect(asked).rejects.toThrow('the end');
});
