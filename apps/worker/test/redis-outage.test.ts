import { createTrackingRepository, migrate, openDatabase, type Database, type TrackingRepository } from '@jobhive/db';
import { testDatabase, type TestDatabase } from '@jobhive/test-kit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createRedisOutage } from '../src/redis-outage.ts';

let database: TestDatabase;
let db: Database;
let repository: TrackingRepository;
beforeAll(async () => {
  database = await testDatabase({ migrate: async (url) => void (await migrate(url)) });
  db = openDatabase({ url: database.url });
  repository = createTrackingRepository(db);
});
beforeEach(() => database.client.query('DELETE FROM system_events'));
afterAll(async () => {
  await db.close();
  await database.drop();
});

const told = async (): Promise<string[]> => (await repository.systemEventsSince(new Date(0))).map(({ event }) => event);

test('an outage is told once when it begins and once when it is over, with how long it was', async () => {
  const outage = createRedisOutage(repository);
  for (const isReady of [true, false]) await outage.look(isReady);
  await database.client.query(`UPDATE system_events SET at = at - interval '1 min'`);
  for (const isReady of [false, true, true]) await outage.look(isReady);
  expect(await told()).toEqual(['redis_away', 'redis_back']);
  const [, back] = await repository.systemEventsSince(new Date(0));
  expect(Math.floor(Number(back?.detail['away_ms']) / 10_000)).toBe(6);
});

test('where Redis was never away nothing is told', async () => {
  await createRedisOutage(repository).look(true);
  expect(await told()).toEqual([]);
});

// What had gone wrong: the outage lived in one process, and without an end on record it went on for ever.
test('its end is told by the next leader where the one that told of its beginning has gone', async () => {
  await createRedisOutage(repository).look(false);
  await createRedisOutage(repository).look(true);
  expect(await told()).toEqual(['redis_away', 'redis_back']);
});

test('a leader that comes in the middle tells of its end only', async () => {
  await createRedisOutage(repository).look(false);
  const next = createRedisOutage(repository);
  for (const isReady of [false, true]) await next.look(isReady);
  expect(await told()).toEqual(['redis_away', 'redis_back']);
});

// What had gone wrong: the outage was forgotten before its end was written.
test('its end is told at the next look where Postgres refused it', async () => {
  const outage = createRedisOutage(repository);
  await outage.look(false);
  await database.client.query('ALTER TABLE system_events RENAME TO out_of_reach');
  await expect(outage.look(true)).rejects.toThrow();
  await database.client.query('ALTER TABLE out_of_reach RENAME TO system_events');
  await outage.look(true);
  expect(await told()).toEqual(['redis_away', 'redis_back']);
});
