// The keeper of the charts' history: all that is missing at once, then once a minute; what fails is asked again, and its stop
// does not wait for the minute.
import { createLogger } from '@jobhive/config';
import { PostgresAwayError } from '@jobhive/db';
import { expect, it } from 'vitest';
import { PassThrough } from 'node:stream';
import { createHistoryKeeper, keepHistory } from '../../src/measure/history.ts';

function listening(): { log: ReturnType<typeof createLogger>; told: () => string } {
  const stream = new PassThrough();
  return { log: createLogger({ level: 'info', format: 'json', stream }), told: () => String(stream.read() ?? '') };
}

it('asks until nothing is missing, then a while after the minute is over', async () => {
  const answers = [true, true, false];
  const { log } = listening();
  const sampleMinutes = () => Promise.resolve({ more: answers.shift() ?? false, nextMs: 30_000 });
  expect(await keepHistory({ repository: { sampleMinutes }, log, random: () => 0.5 })).toBe(40_000);
  expect(answers).toEqual([]);
});

it('a Postgres that is away is asked again, and is told by others; anything else is told here', async () => {
  const { log, told } = listening();
  const failing = (error: Error) => ({ repository: { sampleMinutes: () => Promise.reject(error) }, log });
  expect(await keepHistory(failing(new PostgresAwayError(undefined, 'here')))).toBe(30_000);
  expect(told()).toBe('');
  expect(await keepHistory(failing(new Error('no such table')))).toBe(30_000);
  expect(told()).toContain('history.sample_failed');
});

it('stops at once, also before it was started, and twice', async () => {
  const { log } = listening();
  let asked = 0;
  const sampleMinutes = () => Promise.resolve({ more: false, nextMs: (asked += 1) * 60_000 });
  const keeper = createHistoryKeeper({ repository: { sampleMinutes }, log });
  await keeper.start();
  const from = performance.now();
  await keeper.stop();
  await keeper.stop();
  expect([asked, performance.now() - from < 1000]).toEqual([1, true]);
  await createHistoryKeeper({ repository: { sampleMinutes }, log }).stop();
});
