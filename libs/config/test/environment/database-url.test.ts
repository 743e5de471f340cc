import { describe, expect, it } from 'vitest';
import { parseDatabaseUrl } from '../../src/environment/database-url.ts';

describe('DATABASE_URL is handed on letter by letter, without pgbouncer', () => {
  it.each([
    ['postgres://postgres@localhost:5432/jobhive', 'postgres://postgres@localhost:5432/jobhive', false],
    ['postgresql://u:p%40@h/db?pgbouncer=true', 'postgresql://u:p%40@h/db', true],
    ['postgres://h/db?pgbouncer=false', 'postgres://h/db', false],
    ['postgres://h/db?', 'postgres://h/db', false],
    ['postgres://h/db?a=%20b&pgbouncer=true&sslmode=require', 'postgres://h/db?a=%20b&sslmode=require', true],
    ['postgres:///db?host=/var/run/postgresql', 'postgres:///db?host=/var/run/postgresql', false],
  ])('%s', (text, url, pgbouncer) => {
    expect(parseDatabaseUrl(text)).toEqual({ url, pgbouncer });
  });
});

describe('DATABASE_URL is refused', () => {
  it.each([
    'mysql://h/db',
    'h/db',
    'postgres://',
    'postgres://h:0/db',
    'postgres://h:99999/db',
    'postgres://u:p%zz@h/db',
    'postgres://h/d b',
    'postgres://u:p#q@h/db',
    'postgres://h/db?pgbouncer=1',
    'postgres://h/db?pgbouncer',
    'postgres://h/db?pgbouncer=true&pgbouncer=true',
  ])('%s', (text) => {
    expect(parseDatabaseUrl(text)).toBeUndefined();
  });
});
