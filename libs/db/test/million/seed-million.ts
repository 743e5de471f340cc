// A record of a million jobs, made by the server itself from numbers: which job is what follows from its number alone, so that
// two runs measure the same. Of every 1,000 jobs 100 failed (200 errors, some frequent and some rare), 30 wait, 20 are
// discovered, 10 are cancelled, the rest is processed. The last 50,000 attempts ended within the last hour.
import type pg from 'pg';

export interface SeededMillion {
  readonly jobs: number;
  readonly deadLetters: number;
}

const WORDS = `ARRAY['Engineer','Senior','Rust','Backend','Data','Platform','Go','Frontend','Designer','Manager','Site','Reliability',
  'Machine','Learning','Security','Analyst','Mobile','Cloud','Lead','Staff']`;
const COMPANIES = `ARRAY['Acme','Globex','Initech','Umbrella','Hooli','Stark','Wayne','Wonka','Tyrell','Cyberdyne']`;
const word = (list: string, divisor: number): string =>
  `(${list})[(1 + (n / ${String(divisor)} * 7919::bigint + n) % array_length(${list}, 1))::int]`;

const STATUS = `CASE WHEN n % 1000 < 100 THEN 'failed' WHEN n % 1000 < 130 THEN 'queued' WHEN n % 1000 < 150 THEN 'discovered'
  WHEN n % 1000 < 160 THEN 'cancelled' ELSE 'processed' END`;

/** One word that a single job has, in the middle of the record. */
export const RARE_WORD = 'quokkawrangler';

const JOBS = `INSERT INTO jobs (source, external_id, title, company, location, url, description, discovered_at, discovery_seq)
  SELECT 'file:million', n::text,
    ${word(WORDS, 3)} || ' ' || ${word(WORDS, 11)} || ' ' || ${word(WORDS, 101)} || CASE WHEN n = $1::int / 2 THEN ' ${RARE_WORD}' ELSE '' END,
    ${word(COMPANIES, 7)} || ' ' || substr(md5((n % 20000)::text), 1, 6), 'Berlin', 'https://example.org/jobs/' || n,
    repeat(md5(n::text) || ' ', 18), clock_timestamp() - ($1::int - n) * interval '10 ms', n
  FROM generate_series(1, $1::int) n`;

/** The error of a dead letter, as a worker writes it. */
const ERROR = `jsonb_build_object('name', 'TypeError', 'message', 'cannot read posting ' || n, 'stack', repeat('at run (stage.js:10:20) ', 20),
  'stage', 'match', 'attempt', 4, 'worker_name', 'w1', 'at', to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  'fingerprint', substr(md5((floor(200 * power((n / 1000 % 1000) / 1000.0, 3)))::text), 1, 12), 'reason', 'error',
  'previous', jsonb_build_array(jsonb_build_object('name', 'TypeError', 'message', 'before', 'attempt', 3)))`;

const TRACKING = `INSERT INTO application_tracking (job_id, status, attempt, settled_as, claim_token, worker_name, queue_seq, queued_at,
    started_at, finished_at, stage_outputs, error_info)
  SELECT id, status, CASE WHEN status IN ('processed', 'failed') THEN 1 ELSE 0 END,
    CASE WHEN status IN ('processed', 'failed') THEN status END, CASE WHEN status IN ('processed', 'failed') THEN gen_random_uuid() END, 'w1',
    CASE WHEN status <> 'discovered' THEN n END, CASE WHEN status <> 'discovered' THEN discovered_at END,
    CASE WHEN status IN ('processed', 'failed') THEN ended - interval '1 s' END,
    CASE WHEN status IN ('processed', 'failed', 'cancelled') THEN ended END,
    CASE WHEN status = 'processed' THEN jsonb_build_object('normalise', jsonb_build_object('output', jsonb_build_object('title', title, 'words', n % 500),
      'attempt', 1, 'version', 1, 'duration_ms', 12), 'match', jsonb_build_object('output', jsonb_build_object('score', 0.5), 'attempt', 1)) ELSE '{}' END,
    CASE WHEN status = 'failed' THEN ${ERROR} END
  FROM (SELECT id, title, discovered_at, discovery_seq AS n, ${STATUS.replaceAll('n %', 'discovery_seq %')} AS status,
    clock_timestamp() - ($1::int - discovery_seq) * interval '60 ms' AS ended FROM jobs) j ORDER BY n`;

const event = (name: string, seconds: number, where: string, detail = `'{}'::jsonb`): string =>
  `INSERT INTO job_events (job_id, at, event, attempt, worker_name, detail)
  SELECT job_id, coalesce(finished_at, queued_at, now()) - interval '${String(seconds)} s', '${name}',
    ${seconds > 1 ? '0' : 'attempt'}, ${seconds > 1 ? 'NULL' : `'w1'`}, ${detail}
  FROM application_tracking WHERE ${where}`;

const STEPS: readonly string[] = [
  event('discovered', 3, 'true', `jsonb_build_object('source', 'file:million')`),
  event('queued', 2, `status <> 'discovered'`),
  event('claimed', 1, `status IN ('processed', 'failed')`),
  event('processed', 0, `status = 'processed'`, `jsonb_build_object('duration_ms', queue_seq % 1000)`),
  event('failed', 0, `status = 'failed'`, `jsonb_build_object('duration_ms', queue_seq % 1000, 'name', 'TypeError')`),
  event('cancelled', 0, `status = 'cancelled'`),
];

/** A year of deploys, and of outages by the hour. */
const SYSTEM_EVENTS = `INSERT INTO system_events (at, event)
  SELECT clock_timestamp() - ($1::int / 10 - n) * interval '5 min', (ARRAY['redis_away', 'redis_back', 'paused', 'resumed', 'postgres_back',
    'worker_started', 'worker_stopped', 'worker_started', 'worker_stopped', 'worker_lost'])[CASE WHEN n % 12 = 0 THEN 1 + n / 12 % 5 ELSE 6 + n % 5 END]
  FROM generate_series(1, $1::int / 10) n`;

/** Into an empty, migrated database. @param onStep told what has been done, for whoever waits */
export async function seedMillion(
  client: Pick<pg.ClientBase, 'query'>,
  jobs: number,
  onStep: (told: string) => void,
): Promise<SeededMillion> {
  const words = await client.query<{ made: string }>(`SELECT pg_get_indexdef('job_words_grams'::regclass) AS made`);
  await client.query('DROP INDEX job_words_grams'); // made at once over all rows it takes a third of the time
  await client.query(JOBS, [jobs]);
  onStep('jobs');
  await client.query(words.rows[0]?.made ?? '');
  onStep('index of words');
  await client.query(TRACKING, [jobs]);
  onStep('tracking');
  for (const step of STEPS) await client.query(step);
  await client.query(SYSTEM_EVENTS, [jobs]);
  onStep('events');
  await client.query(`SELECT setval('discovery_seq', $1), setval('queue_seq', $1)`, [jobs]);
  await client.query('VACUUM (ANALYZE)');
  onStep('vacuum');
  const { rows } = await client.query<{ dead: number }>(
    `SELECT count(*)::int AS dead FROM application_tracking WHERE status = 'failed'`,
  );
  return { jobs, deadLetters: rows[0]?.dead ?? 0 };
}
