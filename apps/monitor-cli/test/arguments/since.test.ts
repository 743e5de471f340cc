import { UsageError } from '@jobhive/config';
import { describe, expect, it } from 'vitest';
import { parseSince, sinceDate } from '../../src/arguments/since.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const at = (text: string): string => sinceDate(parseSince(text), now).toISOString();

describe('--since', () => {
  it.each([
    ['30s', '2026-03-01T11:59:30.000Z'],
    ['15m', '2026-03-01T11:45:00.000Z'],
    ['2h', '2026-03-01T10:00:00.000Z'],
    ['7d', '2026-02-22T12:00:00.000Z'],
    ['0s', '2026-03-01T12:00:00.000Z'],
  ])('goes back by the duration %s', (text, expected) => {
    expect(at(text)).toBe(expected);
  });

  it.each([
    ['2026-02-28', '2026-02-28T00:00:00.000Z'],
    ['2026-02-28T08:30Z', '2026-02-28T08:30:00.000Z'],
    ['2026-02-28T08:30:15.123456Z', '2026-02-28T08:30:15.123Z'],
    ['2026-02-28T08:30:15+02:00', '2026-02-28T06:30:15.000Z'],
    ['2026-02-28T08:30:15-0330', '2026-02-28T12:00:15.000Z'],
    ['2026-02-28t08:30:15+02', '2026-02-28T06:30:15.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ])('reads the ISO 8601 time %s', (text, expected) => {
    expect(at(text)).toBe(expected);
  });

  it.each([
    '',
    '5',
    '5x',
    '-5m',
    '1.5h',
    '5 m',
    'yesterday',
    '2026-2-3',
    '2026-02-30',
    '2025-02-29',
    '2026-13-01',
    '2026-03-01T25:00Z',
    '2026-03-01 08:00',
    '99999999999d',
    '9999999999d',
    '5M',
  ])('refuses %j as wrong usage', (text) => {
    expect(() => parseSince(text)).toThrow(UsageError);
  });
});
