/** Reads the evidence from both stores, the folder of documents, the ledger and the logs, after the workers have ended. */
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type pg from 'pg';
import type { Event, Evidence, LedgerLine, Row } from './evidence.ts';
import { STAGES } from './plan.ts';
import { readLogs } from './read-logs.ts';
import { QUEUE, readRedis } from './read-redis.ts';
import { readWaits } from './waits.ts';
import type { World } from './world.ts';

/** What was written down while it ran. */
type Known = Pick<Evidence, 'enqueued' | 'calls' | 'faults' | 'taken' | 'handovers' | 'leakyMetrics' | 'overdue'>;

export async function gather(world: World, known: Known): Promise<Evidence> {
  const { plan, fleet } = world;
  return {
    leaseMs: plan.leaseMs,
    graceMs: plan.graceSeconds * 1000,
    retriesMax: plan.retriesMax,
    stages: STAGES,
    ...known,
    rows: await readRows(world.admin),
    events: await readEvents(world.admin),
    ledger: await readLedger(world.ledgerFile),
    ...(await readDocuments(world.outputDir)),
    redis: await readRedis(world.redisAdmin, QUEUE),
    ...(await readLogs(world.logFolder)),
    workers: fleet.lives,
    absences: fleet.absences,
    outages: world.outages,
    waits: await readWaits(world.postgres.url, plan.jobIds),
  };
}

const PAGE = 20_000;

async function readRows(admin: pg.Pool): Promise<Row[]> {
  const { rows } = await admin.query<Row>(`SELECT job_id AS "jobId", status, attempt, stage_outputs AS "stageOutputs",
    error_info AS "errorInfo", (extract(epoch FROM finished_at) * 1000)::float8 AS "finishedMs" FROM application_tracking`);
  return rows;
}

async function readEvents(admin: pg.Pool): Promise<Event[]> {
  const events: Event[] = [];
  for (let after = 0; ;) {
    const { rows } = await admin.query<Event & { id: number }>(
      `SELECT id::float8 AS id, job_id AS "jobId", (extract(epoch FROM at) * 1000)::float8 AS "atMs", event, attempt,
        worker_name AS worker, detail->>'stage' AS stage, detail->>'reason' AS reason
       FROM job_events WHERE id > $1 ORDER BY id LIMIT $2`,
      [after, PAGE],
    );
    events.push(...rows);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return events;
    after = last.id;
  }
}

async function readLedger(file: string): Promise<LedgerLine[]> {
  const lines: LedgerLine[] = [];
  for await (const line of createInterface({ input: createReadStream(file) }))
    lines.push(JSON.parse(line) as LedgerLine); // as pipelines/chaos.mjs writes it
  return lines;
}

const NOTE = /^([0-9a-f-]{36})-note\.txt$/;

async function readDocuments(folder: string): Promise<Pick<Evidence, 'documents' | 'strangers' | 'leftovers'>> {
  const names = await readdir(folder);
  const documents = new Map<string, string>();
  for (const name of names) {
    const jobId = NOTE.exec(name)?.[1];
    if (jobId !== undefined) documents.set(jobId, await readFile(join(folder, name), 'utf8'));
  }
  const hidden = names.filter((name) => name.startsWith('.'));
  return {
    documents,
    strangers: names.filter((name) => !NOTE.test(name) && !name.startsWith('.')),
    leftovers: hidden.map((name) => name.slice(1)),
  };
}
