// A migrated database of its own for a test file, with the repository over it; and a log and a stdout that can be read.
import { createLogger, createMetrics, type Logger } from '@jobhive/config';
import { createTrackingRepository, migrate, openDatabase, type Database, type TrackingRepository } from '@jobhive/db';
import { testDatabase, type TestDatabase } from '@jobhive/test-kit';
import { Writable } from 'node:stream';
import type { PollParts } from '../src/poll-source.ts';
import type { Entry, Source } from '../src/sources/source.ts';

export interface TestRecord extends TestDatabase {
  readonly database: Database;
  readonly repository: TrackingRepository;
  /** The column of the first row, as text. */
  count(sql: string): Promise<number>;
  end(): Promise<void>;
}

export async function testRecord(): Promise<TestRecord> {
  const own = await testDatabase({ migrate: async (url) => void (await migrate(url)) });
  const database = openDatabase({ url: own.url });
  return {
    ...own,
    database,
    repository: createTrackingRepository(database),
    count: async (sql) => Number((await own.client.query<{ n: string }>(`select (${sql}) as n`)).rows[0]?.n),
    end: async () => {
      await database.close();
      await own.drop();
    },
  };
}

export interface Heard {
  readonly log: Logger;
  /** The names of the events, in order. */
  readonly events: () => string[];
  readonly text: () => string;
}

export function listen(): Heard {
  let text = '';
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  return {
    log: createLogger({ level: 'debug', format: 'json', stream }),
    // Each line is a record of the logger.
    events: () =>
      text.split('\n').flatMap((line) => (line === '' ? [] : ((JSON.parse(line) as { event?: string }).event ?? []))),
    text: () => text,
  };
}

/** A source that tells these entries, and fails at the end with this error. */
export function sourceOf(name: string, raws: readonly unknown[] | (() => readonly unknown[]), failure?: Error): Source {
  return {
    name,
    kind: 'test',
    check: () => Promise.resolve(),
    entries: async function* () {
      const all = typeof raws === 'function' ? raws() : raws;
      for (const [at, raw] of all.entries()) {
        yield await Promise.resolve<Entry>({ place: `item ${String(at + 1)}`, size: 100, raw });
      }
      if (failure !== undefined) throw failure;
    },
  };
}

export const posting = (external_id: string | number, more: object = {}) => ({
  external_id,
  title: 'Baker',
  company: 'Rye & Shine',
  ...more,
});

/** The parts of a poll over a record, its enqueue replaced only where libs/queue is not what is tested. */
export function pollParts(record: TestRecord, heard: Heard, autoEnqueue = false): PollParts & { lines: string[] } {
  const lines: string[] = [];
  return {
    repository: record.repository,
    queue: { enqueueDiscovered: () => Promise.reject(new Error('nothing is enqueued here')) },
    metrics: createMetrics(),
    log: heard.log,
    print: (line) => lines.push(line),
    autoEnqueue,
    lines,
  };
}
