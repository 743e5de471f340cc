// A store that is there and refuses to write: a full disk, a standby, a full memory, a snapshot that failed. It is an outage like
// others: what is in hand waits, nothing is spent, what could not be done is told, and all goes on by itself afterwards.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PostgresAwayError } from '@jobhive/db';
import { waitFor } from '@jobhive/test-kit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nothing, workerBench, type RunningWorker, type WorkerBench } from './worker-bench.ts';

let bench: WorkerBench;
let worker: RunningWorker;
beforeEach(async () => {
  bench = await workerBench({ WORKER_LEASE: '4' });
});
afterEach(async () => {
  await worker.stop();
  await bench.close();
});

interface Refusal {
  begin(): Promise<void>;
  end(): Promise<void>;
}

const sql = (text: string) => bench.database.client.query(text);
const redis = (...words: [string, ...string[]]) => bench.redis.client.call(...words);

/** As a full disk is told: by the very statement that needs room. */
const DISK_FULL: Refusal = {
  begin: async () => {
    await sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$`);
    await sql('CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON application_tracking EXECUTE FUNCTION refuse()');
  },
  end: async () => void (await sql('DROP TRIGGER refuse ON application_tracking')),
};

/** A server that became a standby: every session, old or new, may only read. */
const READ_ONLY: Refusal = {
  begin: () => defaultReadOnly(true),
  end: () => defaultReadOnly(false),
};

async function defaultReadOnly(on: boolean): Promise<void> {
  await sql('SET default_transaction_read_only = off');
  const name = (await bench.database.client.query<{ name: string }>('SELECT current_database() AS name')).rows[0]?.name;
  await sql(`ALTER DATABASE ${name ?? ''} SET default_transaction_read_only = ${on ? 'on' : 'off'}`);
  await sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'jobhive%'`);
}

const MEMORY_FULL: Refusal = {
  begin: async () => void (await redis('CONFIG', 'SET', 'maxmemory', '1')),
  end: async () => void (await redis('CONFIG', 'SET', 'maxmemory', '0')),
};

const REPLICA: Refusal = {
  begin: async () => void (await redis('REPLICAOF', '127.0.0.1', '1')),
  end: async () => void (await redis('REPLICAOF', 'NO', 'ONE')),
};

/** The last snapshot failed, for something lies in its place: no more writes are taken until one succeeds. */
const SNAPSHOT_FAILED: Refusal = {
  begin: async () => {
    mkdirSync(join(bench.redis.server.dataDir, 'dump.rdb', 'in the way'), { recursive: true });
    await redis('CONFIG', 'SET', 'save', '3600 1000000');
    await snapshot('err');
  },
  end: async () => {
    rmSync(join(bench.redis.server.dataDir, 'dump.rdb'), { recursive: true });
    await snapshot('ok');
  },
};

async function snapshot(status: 'ok' | 'err'): Promise<void> {
  await redis('BGSAVE');
  const persistence = (): Promise<string> => bench.redis.client.info('persistence');
  await waitFor(`a snapshot: ${status}`, async () => (await persistence()).includes(`last_bgsave_status:${status}`));
}

/** One job runs, in the first of two stages, and one waits behind it; `go` lets stages end. */
async function oneRunning(): Promise<{ ids: string[]; go: () => void }> {
  let going = false;
  const waiting: (() => void)[] = [];
  worker = bench.run({
    stages: ['first', 'last'],
    stage: async () => {
      if (!going) await new Promise<void>((resolve) => waiting.push(resolve));
      return nothing;
    },
  });
  const ids = await bench.enqueue(2);
  await bench.until(ids[0] ?? '', 'processing');
  const go = (): void => {
    going = true;
    for (const resolve of waiting) resolve();
  };
  return { ids, go };
}

async function allProcessedAtFirst(ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await bench.until(id, 'processed', 20_000);
    expect((await bench.open.repository.findJob(id))?.row.attempt).toBe(1);
    const events = await bench.events(id);
    expect(events.filter((event) => event === 'stage_finished')).toHaveLength(2);
    expect(events).not.toContain('worker_lost');
  }
}

describe('a Postgres', () => {
  test.each([
    ['whose disk is full', DISK_FULL],
    ['that may only be read', READ_ONLY],
  ])(
    '%s keeps the checkpoint waiting beyond the lease, refuses what is enqueued, and spends nothing',
    async (_, refusal) => {
      const { ids, go } = await oneRunning();
      const [fresh = ''] = await bench.discover(1);
      await refusal.begin();
      go();
      await waitFor('the checkpoint to be asked again', () => bench.log.has('job.write_repeated'));
      const told = await waitFor('the refusal', async () =>
        bench.open.queue.enqueueJob(fresh).then(
          () => undefined,
          (error: unknown) => error,
        ),
      );
      expect(told).toBeInstanceOf(PostgresAwayError);
      await waitFor('the lease to be over', async () => {
        const { rows } = await bench.database.client.query<{ over: boolean }>(
          `SELECT lease_until < clock_timestamp() AS over FROM application_tracking WHERE job_id = $1`,
          [ids[0]],
        );
        return rows[0]?.over;
      });
      await refusal.end();
      await waitFor('it to be queued', () =>
        bench.open.queue.enqueueJob(fresh).then(
          () => true,
          () => false,
        ),
      );
      await allProcessedAtFirst([ids[1] ?? '', fresh]);
      await bench.until(ids[0] ?? '', 'processed', 20_000); // past its trust it was begun again, at most
      expect((await bench.open.repository.findJob(ids[0] ?? ''))?.row.attempt).toBe(1);
      expect(await bench.events(ids[0] ?? '')).not.toContain('worker_lost');
    },
  );
});

describe('a Redis', () => {
  test.each<[string, Refusal]>([
    ['whose memory is full', MEMORY_FULL],
    ['that became a replica', REPLICA],
    ['whose snapshot failed', SNAPSHOT_FAILED],
  ])(
    '%s hinders no checkpoint and no settle; what is enqueued is on record, and delivered afterwards',
    async (_, refusal) => {
      const { ids, go } = await oneRunning();
      await refusal.begin();
      go();
      await bench.until(ids[0] ?? '', 'processed', 20_000);
      const [fresh = ''] = await bench.discover(1);
      expect(await bench.open.queue.enqueueJob(fresh)).toMatchObject({ dispatched: false });
      await refusal.end();
      await allProcessedAtFirst([...ids, fresh]);
    },
  );
});
