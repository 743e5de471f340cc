import { expect, it } from 'vitest';
import { DeadlineError, withDeadline } from '../../src/index.ts';

it('gives what came in time, and the error that came in time', async () => {
  await expect(withDeadline(Promise.resolve(7), 1_000, 'the answer')).resolves.toBe(7);
  await expect(withDeadline(Promise.reject(new Error('no')), 1_000, 'the answer')).rejects.toThrow('no');
});

it('rejects with an error that names what was late, and how long it had', async () => {
  const late = withDeadline(new Promise(() => undefined), 5, 'the answer of Redis');
  const error: unknown = await late.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DeadlineError);
  expect(error).toMatchObject({ code: 'deadline', boundMs: 5, message: 'the answer of Redis did not end within 5 ms' });
});

it('drops a rejection that comes after the deadline', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  let reject: (error: Error) => void = () => undefined;
  const work = new Promise<never>((_, no) => (reject = no));
  await expect(withDeadline(work, 1, 'the work')).rejects.toBeInstanceOf(DeadlineError);
  reject(new Error('too late'));
  await new Promise(setImmediate);
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
