/** Wrongs in delivery, reconciling and the worker: scripts, orders, decisions, what follows what. */
import type { Mutant } from './mutant.ts';
import { OUTAGE_MUTANTS } from './outage-mutants.ts';
import { REDIS_MUTANTS } from './redis-mutants.ts';

const of =
  (project: string, file: string, tests: readonly string[]) =>
  (name: string, find: string, replace: string): Mutant => ({
    name,
    file: `${project}/src/${file}`,
    find,
    replace,
    project,
    tests: tests.map((test) => `test/${test}.test.ts`),
  });

const deliver = of('libs/queue', 'delivery/deliver-script.ts', ['delivery/deliver', 'reconcile/reconciler']);
const acknowledge = of('libs/queue', 'delivery/acknowledge.ts', [
  'delivery/deliver',
  'hazards/10-ghosts',
  'reconcile/reconciler',
]);
const decide = of('libs/queue', 'reconcile/decide.ts', ['reconcile/decide', 'reconcile/reconciler']);
const rebuild = of('libs/queue', 'reconcile/rebuild.ts', ['reconcile/rebuild']);
const judge = of('libs/queue', 'attempt/judge-outcome.ts', ['attempt/judge-outcome']);
const schedule = of('libs/queue', 'attempt/retry-schedule.ts', ['attempt/judge-outcome']);
const stages = of('apps/worker', 'run-stages.ts', ['run-stages']);
const left = of('apps/worker', 'remaining-stages.ts', ['remaining-stages']);
const attempt = of('apps/worker', 'attempt.ts', ['attempt', 'outages', 'suspects']);
const duties = of('apps/worker', 'duties.ts', ['duties']);
const hands = of('apps/worker', 'hands.ts', ['hands']);
const place = of('apps/worker', 'documents/place.ts', ['documents/place']);

export const CODE_MUTANTS: readonly Mutant[] = [
  deliver(
    'the mark that Redis is whole is ignored',
    `if ARGV[1] == '1' and redis.call('EXISTS', KEYS[1]) == 0 then return false end`,
    '',
  ),
  deliver('what comes back goes behind', `redis.call('RPUSH', KEYS[2], id)`, `redis.call('LPUSH', KEYS[2], id)`),
  deliver(
    'a new job goes to the head',
    `length, last = length + 1, seq\n    redis.call('LPUSH', KEYS[2], id)`,
    `length, last = length + 1, seq\n    redis.call('RPUSH', KEYS[2], id)`,
  ),
  deliver(
    'an entry is pushed beside the old one',
    `local enters = not known and mode ~= 'return'`,
    `local enters = true`,
  ),
  acknowledge(
    'a late acknowledgement deletes a redelivery',
    `if redis.call('LREM', KEYS[1], 1, ARGV[i]) > 0 then redis.call('HDEL', KEYS[2], ARGV[i]) end`,
    `redis.call('LREM', KEYS[1], 1, ARGV[i]) redis.call('HDEL', KEYS[2], ARGV[i])`,
  ),
  decide('the reconciler acts at the first look', `first.get(id) ?? nowMs`, `first.get(id) ?? -Infinity`),
  decide('nobody is told when the second look is due', `nextMs.length === 0 ? null`, `nextMs.length >= 0 ? null`),
  duties('the second look is left to the next tick', `if (againMs !== null) parts.tickIn(againMs);`, ''),
  decide('an emptied Redis is not seen', `if (!facts.peek.whole)`, `if (false)`),
  decide('a failed push is forgotten', `if (facts.redisBehind !== null)`, `if (false)`),
  rebuild(
    'an emptied rebuild calls itself whole',
    `if redis.call('SREM', KEYS[1], ARGV[1]) == 0 then return 0 end`,
    '',
  ),
  rebuild('a rebuild that Redis forgot goes on', `return known === 1;`, `return known !== undefined;`),
  deliver('an empty end of the line is taken for the whole', `head > 0 and redis.call`, `redis.call`),
  deliver('a merge turns the order round', `seqs[old] > middle[new].seq`, `seqs[old] < middle[new].seq`),
  judge('a shutdown fails the job', `if (cause === 'shutdown') return { kind: 'given_back', reason: 'shutdown' };`, ''),
  judge('a lost claim is settled', `if (cause === 'stale') return { kind: 'stale' };`, ''),
  judge('RetryAfterError spends an attempt', `spendsAttempt: false, error }`, `spendsAttempt: true, error }`),
  judge('a permanent error is tried again', `if (end.permanent) return { kind: 'failed', error };`, ''),
  schedule('one retry too many', `if (attempt > policy.retriesMax)`, `if (attempt > policy.retriesMax + 1)`),
  schedule(
    'the delays begin with the second',
    `Math.min(attempt, policy.delaysSeconds.length) - 1`,
    `Math.min(attempt + 1, policy.delaysSeconds.length) - 1`,
  ),
  stages(
    'files are renamed before the checkpoint',
    `  if ((await checkpoint(record)) === 'stale') {`,
    `  await placing(() => place.finishRenames(claim.jobId, claim.token, record.files));\n  if ((await checkpoint(record)) === 'stale') {`,
  ),
  stages(
    'the last stage with files rides in the settle',
    `if (stage === left.at(-1) && record.files.length === 0)`,
    `if (stage === left.at(-1))`,
  ),
  stages('what a lost worker left is not finished', `  await takeOver(options);\n`, ''),
  left('finished stages run again', `|| finishedAs(stageOutputs, name) === undefined`, `|| true`),
  left('a new version is not run', `finished.version !== version`, `false`),
  attempt(
    'work that was lost ends without a word',
    `return await tellStale(parts, claim, 'settle');
    }`,
    `return;
    }`,
  ),
  attempt(
    'what is given back is not pushed',
    `await pusher.push([{ jobId: claim.jobId, queueSeq: settled.queueSeq }]);`,
    '',
  ),
  attempt(
    'a dead letter is not told to Redis',
    `if (settled.status === 'failed') {`,
    `if (settled.status === 'discovered') {`,
  ),
  attempt('a suspect runs beside others', `slots.alone()`, `slots.beside()`),
  attempt(
    'a suspect does not wait for its neighbours to be settled',
    `parts.inBackground(settleAttempt(parts, hand, end).finally(release));`,
    `release();\n  parts.inBackground(settleAttempt(parts, hand, end));`,
  ),
  hands('a claim that comes too late goes on', `if (stoppedBy !== undefined) stop(hand, stoppedBy);`, ''),
  hands('the last cause counts', `if (hand.cause !== undefined) return;`, ''),
  place('files of other claims are removed', `.filter((name) => name.endsWith(\`.\${token}\`))`, ''),
  ...OUTAGE_MUTANTS,
  ...REDIS_MUTANTS,
];
