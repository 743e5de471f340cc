import { waitFor } from '@jobhive/test-kit';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLogger, describeError, silentLogger, type Logger, type LoggerOptions } from '../../src/index.ts';
import { RecordingStream } from './recording-stream.ts';

const clock = { now: () => new Date('2026-11-24T12:00:00.000Z'), monotonicMs: () => 0 };
const timestamp = '2026-11-24T12:00:00.000Z';

interface Written {
  readonly log: Logger;
  /** The lines, once `count` of them are there. */
  readonly lines: (count: number) => Promise<readonly string[]>;
  readonly records: (count: number) => Promise<readonly Record<string, unknown>[]>;
}

function written(options: Partial<LoggerOptions> = {}, isTTY = false): Written {
  const stream = new RecordingStream(isTTY);
  const log = createLogger({ level: 'info', format: 'json', stream, clock, ...options });
  const there = (count: number): Promise<true> =>
    waitFor(`${count} lines`, () => stream.lines.length >= count, { describe: () => stream.lines.join('\n') });
  return {
    log,
    lines: (count) => there(count).then(() => stream.lines),
    records: (count) => there(count).then(() => stream.records),
  };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a record', () => {
  it('is one JSON object a line, with level, message, timestamp and the fields', async () => {
    const { log, records } = written();
    log.info('hello', { job_id: 'j1', worker: 'w1', attempt: 2, duration_ms: 1.5, nothing: undefined });
    log.error('line one\nline two', { level: 'none', message: 'none', timestamp: 'none' });
    expect(await records(2)).toEqual([
      { level: 'info', message: 'hello', timestamp, job_id: 'j1', worker: 'w1', attempt: 2, duration_ms: 1.5 },
      { level: 'error', message: 'line one\nline two', timestamp },
    ]);
  });

  it('is text on a terminal where no format is given, coloured unless NO_COLOR is set', async () => {
    vi.stubEnv('NO_COLOR', '');
    const coloured = written({ format: undefined }, true);
    coloured.log.warn('careful', { job_id: 'j1', text: 'a b', list: [1] });
    expect((await coloured.lines(1))[0]).toContain('\u001b[33mwarn \u001b[0m careful');
    vi.stubEnv('NO_COLOR', '1');
    const plain = written({ format: undefined }, true);
    plain.log.warn('careful', { job_id: 'j1', text: 'a b', list: [1] });
    expect(await plain.lines(1)).toEqual([`${timestamp} warn  careful job_id=j1 text="a b" list=[1]`]);
  });

  it('is JSON elsewhere where no format is given, and text there, uncoloured, where it is asked for', async () => {
    const json = written({ format: undefined });
    json.log.info('hello');
    expect(await json.records(1)).toEqual([{ level: 'info', message: 'hello', timestamp }]);
    const text = written({ format: 'text' });
    text.log.info('hello');
    expect(await text.lines(1)).toEqual([`${timestamp} info  hello`]);
  });

  it('cannot forge another, or steer a terminal', async () => {
    const { log, lines } = written({ format: 'text' });
    log.info('a\nerror: forged \u001b[2J', { 'k\ney': 'v\u0085', other: 'x\ny' });
    expect(await lines(1)).toEqual([
      `${timestamp} info  a\\u000aerror: forged \\u001b[2J k\\u000aey=v\\u0085 other="x\\ny"`,
    ]);
  });

  it('is left out below the level', async () => {
    const { log, records } = written({ level: 'warn' });
    log.debug('no');
    log.info('no');
    log.event('job.claimed');
    log.warn('yes');
    log.error('yes');
    expect((await records(2)).map(({ level }) => level)).toEqual(['warn', 'error']);
  });

  it('of an event has the words and the level of the list', async () => {
    const { log, records } = written();
    log.event('job.claimed', { job_id: 'j1' });
    log.event('job.dispatched', { job_id: 'j1' });
    log.event('job.failed');
    expect(await records(2)).toEqual([
      { level: 'info', message: 'claimed', timestamp, event: 'job.claimed', job_id: 'j1' },
      expect.objectContaining({ level: 'error', event: 'job.failed' }),
    ]);
  });

  it('of a child has the fields of all above it, the nearest winning', async () => {
    const { log, records } = written({ level: 'debug' });
    const child = log.child({ worker: 'w1', attempt: 1 }).child({ job_id: 'j1', attempt: 2 });
    child.debug('one');
    child.event('job.progress', { attempt: 3 });
    expect(await records(2)).toMatchObject([
      { worker: 'w1', job_id: 'j1', attempt: 2 },
      { worker: 'w1', job_id: 'j1', attempt: 3, event: 'job.progress' },
    ]);
  });
});

describe('secrets', () => {
  it('are struck out of messages and fields, however deep, also percent-encoded', async () => {
    const { log, lines } = written({ secrets: ['p@ss/word', ''] });
    log.info('using p@ss/word', { note: 'p%40ss%2Fword', nested: [{ deep: 'p@ss/word!' }] });
    const [line] = await lines(1);
    expect(line).not.toMatch(/ss.{1,3}word/);
    expect(line).toContain('"message":"using [secret]"');
  });

  it('are struck out as the credentials of any address', async () => {
    const { log, records } = written();
    log.info('at redis://:hunter2@h:1/0 and https://me:hunter2@h/x', {
      url: new URL('postgres://u:hunter2@h/db'),
      odd: 'postgres://u:hun/ter2@h/db',
      plain: 'https://h/@someone',
    });
    expect(await records(1)).toMatchObject([
      {
        message: 'at redis://[secret]@h:1/0 and https://[secret]@h/x',
        url: 'postgres://[secret]@h/db',
        odd: 'postgres://[secret]@h/db',
        plain: 'https://h/@someone',
      },
    ]);
  });

  it.each(['password', 'redis_password', 'claim_token', 'api_key', 'apiKey', 'key', 'Authorization', 'SECRET'])(
    'are struck out where a field is called %s',
    async (name) => {
      const { log, records } = written();
      log.info('x', { [name]: 'hunter2', within: { [name]: { deep: 'hunter2' } } });
      expect(await records(1)).toMatchObject([{ [name]: '[secret]', within: { [name]: '[secret]' } }]);
    },
  );

  it('are not suspected in fields that only sound alike', async () => {
    const { log, records } = written();
    log.info('x', { monkey: 'm', keyed: 'k', token_missing: true });
    expect(await records(1)).toMatchObject([{ monkey: 'm', keyed: 'k', token_missing: true }]);
  });
});

describe('a log never throws', () => {
  const circle: Record<string, unknown> = { name: 'circle' };
  circle['self'] = circle;
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const thrower = {
    get bad(): string {
      throw new Error('no');
    },
  };

  it.each([
    ['a circle', circle, { name: 'circle', self: '[circle]' }],
    ['a getter that throws', thrower, { bad: '[unreadable]' }],
    ['a revoked proxy', revoked, '[unreadable]'],
    ['a bigint', 10n, '10'],
    ['no number', Number.NaN, 'NaN'],
    ['a function', () => 1, '[function]'],
    ['a symbol', Symbol('x'), '[symbol]'],
    ['null', null, null],
    ['a time', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['no time', new Date(Number.NaN), '[no time]'],
    ['bytes', Buffer.from('abc'), '[3 bytes]'],
    ['a map', new Map([[1, 2]]), '[1 entries]'],
    ['a set', new Set([1]), '[1 entries]'],
    ['what is deep', { a: { b: { c: { d: { e: 1 } } } } }, { a: { b: { c: { d: '[deeper]' } } } }],
    ['an error', new TypeError('quotes a posting'), { error_name: 'TypeError' }],
  ])('at %s', async (_, value, shown) => {
    const { log, records } = written();
    log.info('x', { value });
    expect(await records(1)).toEqual([{ level: 'info', message: 'x', timestamp, value: shown }]);
  });

  it('at what is very long or very wide', async () => {
    const { log, lines } = written();
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, index]));
    log.info('x'.repeat(1_000_000), { text: 'y'.repeat(1_000_000), list: new Array(5_000).fill(1), wide });
    expect((await lines(1))[0]?.length).toBeLessThan(20_000);
  });

  it('at a stream that was closed', async () => {
    const error = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(error) });
    const log = createLogger({ level: 'info', format: 'json', stream });
    const again = createLogger({ level: 'info', format: 'json', stream });
    log.info('one');
    await waitFor('the stream to break', () => stream.destroyed);
    log.info('two');
    again.info('three');
    expect(stream.listenerCount('error')).toBeLessThanOrEqual(3);
  });
});

describe('an error', () => {
  const cause = Object.assign(new Error('connect 10.0.0.1'), { code: 'ECONNREFUSED' });
  const error = Object.assign(new TypeError('quotes a posting', { cause: new AggregateError([cause]) }), {
    code: 23505,
  });

  it('is told by its name, code and causes, its message only at level debug', async () => {
    const shy = written();
    shy.log.error('failed', describeError(error));
    const told = {
      error_name: 'TypeError',
      error_code: '23505',
      error_causes: ['AggregateError', 'Error ECONNREFUSED'],
    };
    expect(await shy.records(1)).toEqual([{ level: 'error', message: 'failed', timestamp, ...told }]);
    const open = written({ level: 'debug' });
    open.log.error('failed', describeError(error));
    expect(await open.records(1)).toMatchObject([
      { ...told, error_message: 'quotes a posting', error_stack: expect.stringContaining('TypeError') as string },
    ]);
  });

  it('may be anything that can be thrown', () => {
    expect(describeError('text')).toEqual({ error_name: 'thrown string', error_message: 'text' });
    expect(describeError(undefined)).toEqual({ error_name: 'thrown undefined' });
    expect(describeError(null)).toEqual({ error_name: 'thrown null' });
    expect(describeError({ name: 7, code: 'not a code' })).toEqual({ error_name: 'thrown object' });
    const odd = {
      get name(): string {
        throw new Error('no');
      },
    };
    expect(describeError(odd)).toEqual({ error_name: 'thrown object' });
  });

  it('whose causes go in a circle is told to a bounded depth', () => {
    const round = new Error('round');
    round.cause = round;
    expect(describeError(round).error_causes).toEqual(['Error', 'Error', 'Error']);
  });
});

it('can be silent', () => {
  silentLogger.child({ job_id: 'j' }).event('job.claimed');
  silentLogger.error('nothing');
});
