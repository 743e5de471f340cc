/** Wrongs in what an outage, a stop or a lost worker must not cost: leases and the clock they go by, the tick, the end of a worker. */
import { mutantsOf as of, type Mutant } from './mutant.ts';

const DB = 'libs/db';
const WORKER = 'apps/worker';

const claim = of('libs/db/src/transitions/claim.ts', DB, ['leases/clock']);
const renewal = of('libs/db/src/transitions/tick.ts', DB, ['leases/clock']);
const moved = of('libs/db/src/transitions/extend-leases.ts', DB, ['leases/clock']);
const namedLease = of('libs/db/src/leases/named-lease.ts', DB, ['leases/clock', 'leases/named-lease']);
const sessionLock = of('libs/db/src/leases/session-lock.ts', DB, ['leases/session-lock']);

const tick = of('apps/worker/src/tick.ts', WORKER, ['tick']);
const duties = of('apps/worker/src/duties.ts', WORKER, ['duties']);
const lanes = of('apps/worker/src/lanes.ts', WORKER, ['write-faults']);
const leave = of('apps/worker/src/leave.ts', WORKER, ['leave']);
const slots = of('apps/worker/src/slots.ts', WORKER, ['slots']);
const stages = of('apps/worker/src/run-stages.ts', WORKER, ['run-stages']);
const attempt = of('apps/worker/src/attempt.ts', WORKER, ['attempt']);
const awaited = of('libs/queue/src/delivery/awaited.ts', WORKER, ['suspects']);

export const OUTAGE_MUTANTS: readonly Mutant[] = [
  claim(
    'a lease is taken by the clock of the worker',
    `lease_until = clock_timestamp() + $3::float8 * interval '1 ms'`,
    `lease_until = to_timestamp($3::float8 / 1000)`,
    { find: `holder.leaseMs,`, replace: `Date.now() + holder.leaseMs,` },
  ),
  renewal(
    'a lease is renewed by the clock of the worker',
    `lease_until = c.now + $4::float8 * interval '1 ms'`,
    `lease_until = to_timestamp($4::float8 / 1000)`,
    { find: `holder.leaseMs,`, replace: `Date.now() + holder.leaseMs,` },
  ),
  renewal(
    'a lease is renewed from the beginning of the transaction',
    `lease_until = c.now + $4::float8`,
    `lease_until = now() + $4::float8`,
  ),
  moved(
    'a lease is moved on from the beginning of the transaction',
    `greatest(t.lease_until, clock_timestamp() + $1`,
    `greatest(t.lease_until, now() + $1`,
  ),
  namedLease(
    'a named lease goes by the clock of its holder',
    `clock_timestamp() + $3::float8 * interval '1 ms')`,
    `to_timestamp($3::float8 / 1000))`,
    { find: `[name, holder, forMs]`, replace: `[name, holder, Date.now() + forMs]` },
  ),
  namedLease(
    'a named lease is taken from whoever has it',
    `WHERE r.holder = excluded.holder OR r.until < clock_timestamp() RETURNING`,
    `RETURNING`,
  ),
  namedLease('a named lease is ended by anybody', ` AND holder = $2::uuid`, ` AND $2::uuid IS NOT NULL`),
  sessionLock('a session lock that was lost is thought to be held', `if (session === which) session = undefined;`, ''),
  tick('a lease is trusted from the answer on', `obey(parts, answer, askedMs);`, `obey(parts, answer, answeredMs);`),
  tick('who comes back expires at once', `const EXPIRE_AFTER_MS = 2000;`, `const EXPIRE_AFTER_MS = 0;`),
  tick('who was away shortens leases at once', `const SHORTEN_AFTER_MS = 10_000;`, `const SHORTEN_AFTER_MS = 0;`),
  tick(
    'a newcomer moves leases on by a whole lease',
    `awaySinceMs === undefined ? 0 : holder().leaseMs`,
    `holder().leaseMs`,
  ),
  tick(
    'a newcomer moves no lease on',
    `if (upSinceMs === undefined) await comeBack`,
    `if (awaySinceMs !== undefined) await comeBack`,
  ),
  tick(
    'who was frozen does not notice it',
    `if (answeredMs !== undefined && clock.monotonicMs() - answeredMs > SILENT_MS) upSinceMs = undefined;`,
    '',
  ),
  tick('who hung in a tick expires at its end', `if (answeredMs - askedMs > SILENT_MS) upSinceMs = answeredMs;`, ''),
  tick('work goes on past its trust', `    dropDistrusted(parts);\n    return TICK_MS;`, `    return TICK_MS;`),
  tick('a lease that could not be renewed now is lost', `if (verdict === 'stale')`, `if (verdict !== 'renewed')`),
  tick(
    'a claim that is asked for during a tick is an orphan',
    `answer.orphans.filter(({ token }) => !asked.has(token))`,
    `answer.orphans`,
  ),
  duties(
    'leases are shortened while some still hang in an outage',
    `if (othersWork && may.shorten)`,
    `if (othersWork)`,
  ),
  duties('leases expire also where they may not', `if (answer.overdue && may.expire)`, `if (answer.overdue)`),
  duties(
    'expiry does not wait for what was left in Redis',
    `(leads && waitedMs >= LEFT_WAIT_MS ? [] : undefined)`,
    `[]`,
  ),
  lanes(
    'a write whose answer was lost is not asked again',
    `await sleep(cappedBackoff(tried, AGAIN_MS), givingUp);`,
    `throw error;`,
  ),
  leave('settles get no grace at the end', `slotsFree.then(() => background.settled())`, `slotsFree`),
  leave(
    'a claim that is answered after the grace is worked on',
    `hands.stopAll('shutdown');`,
    `for (const hand of hands.all) hands.stop(hand, 'shutdown');`,
  ),
  leave(
    'a claim whose answer was lost is not given back at the end',
    `giveBack({ ...open, log }, unanswered, 'shutdown')`,
    `giveBack({ ...open, log }, [], 'shutdown')`,
  ),
  leave(
    'a claim whose answer was lost is not left in Redis',
    `[...held, ...unanswered.map(({ token }) => token)]`,
    `[...held]`,
  ),
  slots(
    'somebody is let in beside who runs alone',
    `!aloneNow && (!alone || sharing === 0)`,
    `!alone || sharing === 0`,
  ),
  stages(
    'the wait of a checkpoint counts as work',
    `waitedMs += options.clock.monotonicMs() - fromMs;`,
    `waitedMs += 0 * fromMs;`,
  ),
  attempt(
    'what cannot be claimed is not looked for in the line',
    `if (why !== 'postgres_away') await pusher.pushMissing([jobId]);`,
    '',
  ),
  attempt(
    'a claim is trusted from its answer on',
    `trustUntilMs: askedMs + parts.trustMs`,
    `trustUntilMs: clock.monotonicMs() + parts.trustMs`,
  ),
  awaited('a suspect that waits is not said to be awaited', `if (!store.isReady) return;`, `return;`),
  awaited('what somebody waits for is given to others', `jobIds.filter((_, i) => there[i] === 1)`, ''),
];
