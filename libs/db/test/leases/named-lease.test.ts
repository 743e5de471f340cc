import { randomUUID } from 'node:crypto';
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRecord, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

it('is held by one; its term grows with each change of hands, not with a renewal', async () => {
  const [one, other] = [randomUUID(), randomUUID()];
  expect(await record.repo.isLeaseHeld('poll:a')).toBe(false);
  expect(await record.repo.takeLease('poll:a', one, 60_000)).toBe(1);
  expect(await record.repo.takeLease('poll:a', other, 60_000)).toBeUndefined();
  expect(await record.repo.takeLease('poll:a', one, 200)).toBe(1);
  expect(await record.repo.isLeaseHeld('poll:a')).toBe(true);
  expect(await waitFor('the lease to run out', () => record.repo.takeLease('poll:a', other, 60_000))).toBe(2);
  expect(await record.repo.takeLease('poll:b', one, 60_000)).toBe(1);
});

it('is left by its holder alone', async () => {
  const [one, other] = [randomUUID(), randomUUID()];
  await record.repo.takeLease('left', one, 60_000);
  await record.repo.leaveLease('left', other);
  expect(await record.repo.isLeaseHeld('left')).toBe(true);
  await record.repo.leaveLease('left', one);
  expect(await record.repo.takeLease('left', other, 60_000)).toBe(1);
});

it('goes to one of many that ask at once', async () => {
  const terms = await Promise.all(Array.from({ length: 8 }, () => record.repo.takeLease('race', randomUUID(), 60_000)));
  expect(terms.filter((term) => term !== undefined)).toHaveLength(1);
});
