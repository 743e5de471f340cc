import type { Clock } from '@jobhive/config';
import { expect, test } from 'vitest';
import { createRedisOutage } from '../src/redis-outage.ts';

test('an outage is told once when it begins and once when it is over, with how long it was', async () => {
  const told: unknown[] = [];
  let nowMs = 1000;
  const clock: Clock = { now: () => new Date(0), monotonicMs: () => nowMs };
  const outage = createRedisOutage({ recordSystemEvent: (...event) => Promise.resolve(void told.push(event)) }, clock);
  await outage.look(true);
  await outage.look(false);
  nowMs = 3500;
  await outage.look(false);
  await outage.look(true);
  await outage.look(true);
  expect(told).toEqual([['redis_away'], ['redis_back', { away_ms: 2500 }]]);
});
