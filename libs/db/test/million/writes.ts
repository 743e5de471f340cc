// What the indexes for people cost those who write: discover, enqueue, claim and settle over a database that has them and over
// one that has not, in turns on one server, so that both meet the same machine. Started by hand:
//   npx tsx libs/db/test/million/writes.ts [--rounds 12]
// Prints microseconds a job, the median of the rounds.
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { startPrivatePostgres } from '@jobhive/test-kit';
import pg from 'pg';
import { openDatabase, type Database } from '../../src/connect/database.ts';
import { migrate } from '../../src/migrate.ts';
import { createTrackingRepository, type TrackingRepository } from '../../src/tracking-repository.ts';

const JOBS = 1000;
const BATCH = 100;
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '12' } } });
const rounds = Number(values.rounds);

const WITHOUT = `DROP TABLE job_words; DROP TRIGGER jobs_words_of_new ON jobs; DROP INDEX jobs_discovered_at, application_tracking_fingerprint, application_tracking_discovered,
  application_tracking_cancelled; ALTER TABLE application_tracking DROP COLUMN fingerprint`;

interface Side {
  readonly name: string;
  readonly database: Database;
  readonly repository: TrackingRepository;
  readonly times: Record<string, number[]>;
}

async function sideOf(server: string, name: string, sql: string): Promise<Side> {
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  await migrate(url.href);
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  if (sql !== '') await client.query(sql);
  await client.end();
  const database = openDatabase({ url: url.href, hot: true, statementTimeoutMs: 60_000 });
  return { name, database, repository: createTrackingRepository(database), times: {} };
}

async function timed(side: Side, step: string, work: () => Promise<unknown>): Promise<void> {
  const from = performance.now();
  await work();
  (side.times[step] ??= []).push(((performance.now() - from) * 1000) / JOBS);
}

async function round(side: Side): Promise<void> {
  const { repository } = side;
  const postings = Array.from({ length: JOBS }, () => ({
    external_id: randomUUID(),
    title: `Senior Platform Engineer ${randomUUID().slice(0, 6)}`,
    company: 'Globex International',
    description: 'words '.repeat(100),
  }));
  let ids: string[] = [];
  await timed(side, 'discover', async () => {
    ids = (await repository.discover({ source: 'w', postings, autoEnqueue: true })).map(({ jobId }) => jobId);
  });
  const batches = Array.from({ length: JOBS / BATCH }, (_, n) => ids.slice(n * BATCH, (n + 1) * BATCH));
  const holder = { id: randomUUID(), sessionKey: null, workerName: 'w1', leaseMs: 60_000 };
  const tokens = new Map(ids.map((jobId) => [jobId, randomUUID()]));
  const claims = (batch: readonly string[]) => batch.map((jobId) => ({ jobId, token: tokens.get(jobId) ?? '' }));
  await timed(side, 'enqueue', async () => {
    for (const batch of batches)
      await repository.enqueue(
        batch.map((jobId) => ({ jobId, call: 0 })),
        0,
      );
  });
  await timed(side, 'clear', () => repository.clear(1e15, JOBS, 'test'));
  for (const batch of batches)
    await repository.enqueue(
      batch.map((jobId) => ({ jobId, call: 0 })),
      0,
    );
  await timed(side, 'claim', async () => {
    for (const batch of batches) await repository.claim(claims(batch), holder);
  });
  await timed(side, 'settle', async () => {
    for (const batch of batches) {
      const outcome = { kind: 'processed', last: undefined } as const;
      await repository.settle(claims(batch).map((claim) => ({ ...claim, outcome })));
    }
  });
}

const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

const server = await startPrivatePostgres();
try {
  const sides = [await sideOf(server.url, 'without', WITHOUT), await sideOf(server.url, 'with_indexes', '')];
  for (let n = 0; n < rounds; n += 1) for (const side of n % 2 === 0 ? sides : sides.toReversed()) await round(side);
  for (const { name, times } of sides) {
    const steps = Object.entries(times).map(([step, all]) => `${step} ${median(all.slice(1)).toFixed(0)}`);
    process.stdout.write(`${name.padEnd(14)} ${steps.join('  ')} (µs a job)\n`);
  }
  for (const { database } of sides) await database.close();
} finally {
  await server.remove();
}
