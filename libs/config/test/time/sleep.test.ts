import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createSleeper, sleep } from '../../src/index.ts';

describe('sleep', () => {
  it('lasts at least its time', async () => {
    const begunMs = performance.now();
    await sleep(20);
    expect(performance.now() - begunMs).toBeGreaterThanOrEqual(19);
  });

  it('rejects with the reason of its signal, at once where that is aborted already', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const sleeping = sleep(600_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(sleep(600_000, controller.signal)).rejects.toBe(reason);
  });

  it('leaves no listener on its signal', async () => {
    const controller = new AbortController();
    await sleep(1, controller.signal);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('takes a time below zero, and none that is no number, as none', async () => {
    await sleep(-5);
    await sleep(Number.NaN);
  });

  it('does not end at once when asked for longer than a timer can last', async () => {
    const controller = new AbortController();
    const sleeping = sleep(Number.MAX_SAFE_INTEGER, controller.signal);
    await expect(Promise.race([sleeping, sleep(20).then(() => 'still asleep')])).resolves.toBe('still asleep');
    controller.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
  });
});

describe('a sleeper', () => {
  it('is woken before its time, all its sleeps at once', async () => {
    const sleeper = createSleeper();
    const sleeping = Promise.all([sleeper.sleep(600_000), sleeper.sleep(600_000)]);
    sleeper.wake();
    await sleeping;
  });

  it('keeps a wake that found nobody asleep for the next sleep, once', async () => {
    const sleeper = createSleeper();
    sleeper.wake();
    sleeper.wake();
    await sleeper.sleep(600_000);
    const next = sleeper.sleep(600_000).then(() => 'woken');
    await expect(Promise.race([next, sleep(20).then(() => 'asleep')])).resolves.toBe('asleep');
    sleeper.wake();
    await next;
  });
});
