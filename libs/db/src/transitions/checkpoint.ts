// checkpoint: the output of a finished stage, recorded under the claim's token, once an attempt; what later stages made of
// its former output goes with it. Asked again it answers `already`; without the claim it changes nothing and answers `stale`.
import { arrayLiteral, cleanJson, toJson } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';
import type { StageRecord } from '../lifecycle/outcome.ts';
import { HELD, lockRows } from './lock-rows.ts';
import { eventCte, UTC_NOW } from './record-event.ts';

export interface CheckpointAsk {
  readonly jobId: string;
  readonly token: string;
  readonly record: StageRecord;
}

export type WriteVerdict = 'done' | 'already' | 'stale';

const CHECKPOINT: Statement = {
  name: 'checkpoint',
  text: `WITH ${lockRows('stage_outputs', 'worker_name')},
  a AS MATERIALIZED (
    SELECT * FROM ROWS FROM (jsonb_to_recordset($2::jsonb) AS (job_id uuid, token uuid, stage text, record jsonb, outdates jsonb))
      WITH ORDINALITY AS a(job_id, token, stage, record, outdates, n)),
  fresh AS MATERIALIZED (
    SELECT DISTINCT ON (a.job_id, a.stage) a.*, l.attempt, l.worker_name FROM l JOIN a USING (job_id)
    WHERE ${HELD} AND (l.stage_outputs #>> ARRAY[a.stage, 'token']) IS DISTINCT FROM a.token::text
    ORDER BY a.job_id, a.stage, a.n),
  done AS (
    UPDATE application_tracking t SET current_stage = NULL, stage_outputs = (l.stage_outputs - ARRAY(
      SELECT jsonb_array_elements_text(f.outdates) FROM fresh f WHERE f.job_id = l.job_id)) || (
      SELECT jsonb_object_agg(f.stage, f.record || jsonb_build_object('at', ${UTC_NOW}) ORDER BY f.n) FROM fresh f WHERE f.job_id = l.job_id)
    FROM l WHERE t.job_id = l.job_id AND l.job_id IN (SELECT job_id FROM fresh)),
  ${eventCte('event', 'fresh', {
    event: `'stage_finished'`,
    worker: 'worker_name',
    detail: `jsonb_build_object('stage', stage, 'duration_ms', record->'duration_ms', 'version', record->'version')`,
    order: 'n',
  })}
  SELECT CASE WHEN f.n IS NOT NULL THEN 'done' WHEN ${HELD} THEN 'already' ELSE 'stale' END AS verdict
  FROM a LEFT JOIN l USING (job_id) LEFT JOIN fresh f ON f.n = a.n ORDER BY a.n`,
};

/** A stage's record as the JSON text of its place in `stage_outputs`; the output goes in as the text it already is. */
export function recordJson(record: StageRecord, token: string): string {
  const { attempt, version, durationMs, files } = record;
  const rest = toJson({
    attempt,
    version,
    duration_ms: Math.round(durationMs * 1000) / 1000,
    token,
    ...(files.length > 0 ? { files } : {}),
  });
  return `{"output":${cleanJson(record.outputJson)},${rest.slice(1)}`;
}

/** @returns one answer for each ask, in order */
export async function checkpoint(db: Executor, asks: readonly CheckpointAsk[]): Promise<WriteVerdict[]> {
  const items = asks.map(({ jobId, token, record }) => {
    const outdates = record.outdates.length > 0 ? `,"outdates":${toJson(record.outdates)}` : '';
    return `{"job_id":"${jobId}","token":"${token}","stage":${toJson(record.stage)},"record":${recordJson(record, token)}${outdates}}`;
  });
  const rows = await db.query<{ verdict: WriteVerdict }>(CHECKPOINT, [
    arrayLiteral(asks.map((ask) => ask.jobId)),
    `[${items.join(',')}]`,
  ]);
  return rows.map((row) => row.verdict);
}
