/** Wrongs in the statements of libs/db: guards, tokens, clocks, counts, orders, events. */
import type { Mutant } from './mutant.ts';

const of =
  (file: string, tests: readonly string[]) =>
  (name: string, find: string, replace: string, more: readonly string[] = []): Mutant => ({
    name,
    file: `libs/db/src/${file}`,
    find,
    replace,
    project: 'libs/db',
    tests: [...tests, ...more].map((test) => `test/${test}.test.ts`),
  });

const guard = of('transitions/lock-rows.ts', ['transitions/stale-token', 'transitions/asked-twice']);
const order = of('transitions/lock-rows.ts', ['transitions/no-deadlock', 'transitions/lock-order']);
const claim = of('transitions/claim.ts', ['transitions/claim', 'transitions/asked-twice', 'model']);
const checkpoint = of('transitions/checkpoint.ts', ['transitions/checkpoint', 'transitions/asked-twice']);
const settle = of('transitions/settle.ts', ['transitions/settle', 'transitions/asked-twice', 'model']);
const expire = of('transitions/expire.ts', ['transitions/expire', 'model']);
const tick = of('transitions/tick.ts', [
  'transitions/tick',
  'transitions/stale-token',
  'transitions/lease-of-two-at-once',
]);
const leases = of('transitions/extend-leases.ts', ['transitions/extend-leases']);
const operators = ['transitions/operators', 'model'];
const enqueue = of('transitions/enqueue.ts', ['transitions/enqueue', ...operators]);

export const SQL_MUTANTS: readonly Mutant[] = [
  guard('the token is dropped from the guard of all writes', `IS TRUE AND l.claim_token = a.token`, `IS TRUE`),
  guard('the status is dropped from the guard of all writes', `(l.status = 'processing') IS TRUE AND `, ''),
  order('rows are locked in any order', `ORDER BY job_id FOR UPDATE`, `ORDER BY random() FOR UPDATE`),
  claim('claim takes rows in any status', `AND (l.status = 'queued') IS TRUE AND`, `AND`),
  claim('a settled token claims again', ` AND l.claim_token IS DISTINCT FROM a.token`, ''),
  claim('a claim counts no attempt', `attempt = l.attempt + 1`, `attempt = l.attempt`),
  claim('a claim counts two attempts', `attempt = l.attempt + 1`, `attempt = l.attempt + 2`),
  claim(
    'a claim does not wait for its time',
    `(l.next_attempt_at IS NULL OR l.next_attempt_at <= clock_timestamp()) AND `,
    '',
  ),
  claim('a suspect is claimed beside others', `AND (a.alone OR NOT l.runs_alone)`, ''),
  claim('a paused queue is claimed from', ` AND NOT s.paused AND`, ` AND`),
  claim('a claim writes no event', `\${eventCte('event', 'won', {`, `\${eventCte('event', 'won', { where: 'false',`),
  claim('the lease counts seconds for milliseconds', `$3::float8 * interval '1 ms'`, `$3::float8 * interval '1 s'`),
  claim(
    'a claim asked again is not won',
    `WHEN a.nth = 1 AND (l.status = 'processing') IS TRUE AND l.claim_token = a.token THEN 'won'`,
    '',
  ),
  checkpoint(
    'a checkpoint is written again',
    ` AND (l.stage_outputs #>> ARRAY[a.stage, 'token']) IS DISTINCT FROM a.token::text`,
    '',
  ),
  checkpoint(
    'a checkpoint takes the place of the earlier ones',
    `SET current_stage = NULL, stage_outputs = (l.stage_outputs - ARRAY(`,
    `SET current_stage = NULL, stage_outputs = ('{}'::jsonb - ARRAY(`,
  ),
  settle(
    'what is given back spends its attempt',
    `attempt = w.attempt - CASE WHEN w.unspent THEN 1 ELSE 0 END`,
    `attempt = w.attempt`,
  ),
  settle(
    'a cancel is forgotten by a retry',
    `AND l.cancel_requested_at IS NOT NULL THEN 'cancelled'`,
    `AND false THEN 'cancelled'`,
  ),
  settle(
    'the token does not stay after settling',
    `SET status = w.status, settled_as = w.settled_as,`,
    `SET status = w.status, settled_as = NULL, claim_token = NULL,`,
  ),
  settle(
    'a settle of another kind is called already done',
    `AND l.settled_as = a.settled_as THEN 'already'`,
    `THEN 'already'`,
  ),
  settle('a retry has no delay', `w.ended + w.delay_seconds * interval '1 s'`, `w.ended`),
  settle(
    'the last output is not kept',
    `ELSE t.stage_outputs || jsonb_build_object(w.stage,`,
    `ELSE jsonb_build_object(w.stage,`,
  ),
  settle(
    'the error stays on a processed job',
    `CASE WHEN w.status = 'processed' THEN NULL ELSE`,
    `CASE WHEN false THEN NULL ELSE`,
  ),
  settle(
    'a settle writes no event of its kind',
    `    FROM w),\n  event AS (`,
    `    FROM w WHERE false),\n  event AS (`,
  ),
  expire(
    'leases that have not run out expire',
    ` AND lease_until < clock_timestamp()\n    ORDER BY job_id LIMIT`,
    `\n    ORDER BY job_id LIMIT`,
  ),
  expire(
    'expiry keeps the token',
    `SET status = w.status, claim_token = NULL, settled_as = NULL,`,
    `SET status = w.status, settled_as = 'retry',`,
  ),
  expire('expiry has no last attempt', `WHEN spent AND attempt > $2::int THEN 'failed'`, `WHEN false THEN 'failed'`),
  expire('expiry gives one attempt less', `attempt > $2::int`, `attempt >= $2::int`),
  expire(
    'expiry spends nothing',
    `attempt = w.attempt - CASE WHEN w.spent THEN 0 ELSE 1 END`,
    `attempt = w.attempt - 1`,
  ),
  expire('what was left in good order is spent', `NOT (claim_token = ANY ($1::uuid[])) AS spent`, `true AS spent`),
  expire(
    'a cancel is forgotten by expiry',
    `CASE WHEN cancel_requested_at IS NOT NULL THEN 'cancelled'`,
    `CASE WHEN false THEN 'cancelled'`,
  ),
  expire('a suspect does not run alone', `runs_alone = w.spent OR t.runs_alone`, `runs_alone = t.runs_alone`),
  tick(
    'anybody renews any lease',
    `(l.status = 'processing') IS TRUE AND l.claim_token = a.token AND c.lazily`,
    `(l.status = 'processing') IS TRUE AND c.lazily`,
  ),
  tick(
    'a locked row is waited for',
    `WHERE job_id = ANY($1::uuid[]) ORDER BY job_id FOR UPDATE SKIP LOCKED`,
    `WHERE job_id = ANY($1::uuid[]) ORDER BY job_id FOR UPDATE`,
  ),
  tick('claims under way are orphans', ` AND o.claim_token <> ALL ($6::uuid[])`, ''),
  tick(
    'a second holder takes a living lease',
    `WHERE r.holder = excluded.holder OR r.until < clock_timestamp()`,
    `WHERE true`,
  ),
  tick('the lease goes to a holder without Redis', `CASE WHEN $7::boolean THEN`, `CASE WHEN $7::boolean OR true THEN`),
  leases('a short lease ends while its worker still hangs', `Math.max(leaseMs, BACK_MS)`, `leaseMs`),
  leases(
    'leases do not move on after an outage',
    `greatest(t.lease_until, clock_timestamp() + $1::float8 * interval '1 ms')`,
    `t.lease_until`,
  ),
  leases(
    'a lost session is ignored',
    `AND NOT EXISTS (SELECT FROM locks`,
    `AND false AND NOT EXISTS (SELECT FROM locks`,
  ),
  enqueue(
    'enqueue takes what is in processing',
    `WHEN l.status IN ('queued', 'processing') THEN 'already_queued'`,
    `WHEN l.status = 'queued' THEN 'already_queued' WHEN l.status = 'processing' THEN 'queued'`,
  ),
  enqueue(
    'places in line are not drawn in the order of asking',
    `(SELECT job_id FROM granted ORDER BY n) g`,
    `(SELECT job_id FROM granted ORDER BY n DESC) g`,
  ),
  enqueue(
    'an old wish to cancel comes along',
    `finished_at = NULL, cancel_requested_at = NULL, retry_after_count = 0, runs_alone`,
    `finished_at = NULL, retry_after_count = 0, runs_alone`,
    ['transitions/settle'],
  ),
  of('transitions/retry.ts', operators)(
    'retry keeps the attempts',
    `SET status = 'queued', attempt = 0,`,
    `SET status = 'queued',`,
  ),
  of('transitions/clear.ts', operators)(
    'clear leaves no event',
    `\${eventCte('event', 'done', {`,
    `\${eventCte('event', 'done', { where: 'false',`,
  ),
  of('transitions/discard.ts', operators)(
    'discard takes any job',
    `AND (l.status = 'failed') IS TRUE RETURNING`,
    `RETURNING`,
  ),
];
