import { describe, expect, it } from 'vitest';
import { failureKind, type FailureKind } from '../../src/connect/outage.ts';
import { PostgresAwayError } from '../../src/lifecycle/errors.ts';

const coded = (code: string): Error => Object.assign(new Error('told by its code'), { code });

const CODES: [string, FailureKind][] = [
  ['ECONNREFUSED', 'away'],
  ['ECONNRESET', 'away'],
  ['EPIPE', 'away'],
  ['ETIMEDOUT', 'away'],
  ['ENOTFOUND', 'away'],
  ['EAI_AGAIN', 'away'],
  ['08006', 'away'], // connection failure
  ['08P01', 'away'],
  ['57P01', 'away'], // shutdown by an administrator
  ['57P02', 'away'],
  ['57P03', 'away'], // starting up
  ['53300', 'away'], // too many connections
  ['53100', 'away'], // disk full
  ['58030', 'away'], // i/o error
  ['25006', 'away'], // read-only: a standby
  ['40P01', 'busy'],
  ['40001', 'busy'],
  ['55P03', 'busy'],
  ['57014', 'busy'],
  ['22P05', 'data'],
  ['22021', 'data'],
  ['54000', 'data'],
  ['42P01', 'unmigrated'],
  ['42703', 'unmigrated'],
  ['42883', 'unmigrated'],
  ['3F000', 'unmigrated'],
  ['28P01', 'denied'],
  ['28000', 'denied'],
  ['3D000', 'denied'],
  ['42501', 'denied'],
  ['23505', 'other'],
  ['23514', 'other'],
  ['42601', 'other'],
];

describe('a failure told by its code', () => {
  it.each(CODES)('%s is %s', (code, kind) => {
    expect(failureKind(coded(code))).toBe(kind);
  });
});

describe('a failure for which pg has words only', () => {
  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'timeout expired',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'Cannot use a pool after calling end on the pool',
  ])('%s is away', (words) => {
    expect(failureKind(new Error(words))).toBe('away');
  });

  it('is not told by words where there is a code: they may be those of a posting', () => {
    expect(failureKind(Object.assign(new Error('Connection terminated'), { code: '23514' }))).toBe('other');
  });
});

it('of several addresses of one name is away where one of them is', () => {
  expect(failureKind(new AggregateError([coded('ECONNREFUSED'), coded('EHOSTUNREACH')]))).toBe('away');
  expect(failureKind(new AggregateError([new Error('no')]))).toBe('other');
});

it.each([undefined, null, 'away', 42, {}, new Error('a mistake of ours'), new PostgresAwayError(undefined, 'x')])(
  'anything else is other: %s',
  (thrown) => {
    expect(failureKind(thrown)).toBe('other');
  },
);
