/** Wrongs between the worker and Redis: how it is dialled, what is taken and goes back, what is pushed, what is compared. */
import { mutantsOf as of, type Mutant } from './mutant.ts';

const QUEUE = 'libs/queue';

const take = of('libs/queue/src/delivery/take.ts', QUEUE, ['delivery/take']);
const handover = of('libs/queue/src/delivery/handover.ts', QUEUE, ['hazards/23-held-ahead-goes-back']);
const atTheStop = ['hazards/22-no-id-is-taken-by-nobody'];
const resend = of('libs/queue/src/redis/connect.ts', QUEUE, ['hazards/25-nothing-is-sent-twice']);
const swallow = of('libs/queue/src/redis/connect.ts', QUEUE, ['hazards/26-a-connection-that-swallows']);
const push = of('libs/queue/src/dispatch/push.ts', QUEUE, ['dispatch/push', 'dispatch/enqueue']);
const pass = of('libs/queue/src/reconcile/pass.ts', QUEUE, ['reconcile/reconciler']);

export const REDIS_MUTANTS: readonly Mutant[] = [
  take('what arrives behind a closed gate is handed over', `if (!isOpen()) return giveUp(parts, jobIds);`, ''),
  handover('what is held ahead is held for ever', `timer ??= setTimeout(letGo, HELD_AHEAD_MS);`, ''),
  of('libs/queue/src/delivery/blocking-pop.ts', QUEUE, atTheStop)(
    'the blocked pop is cut off at the stop',
    `if (waiting !== undefined && client.status === 'ready')`,
    `if (waiting === null)`,
  ),
  of('libs/queue/src/delivery/bee-queue.ts', QUEUE, atTheStop)(
    'what the library drops at the stop is not put back',
    `await giveUp({ store, keys, log }, bee.takeDropped());`,
    '',
  ),
  swallow('no command has a bound', `    commandTimeout: COMMAND_TIMEOUT_MS,\n`, ''),
  resend(
    'a command whose answer was cut off is sent again',
    `autoResendUnfulfilledCommands: false`,
    `autoResendUnfulfilledCommands: true`,
    { find: `maxRetriesPerRequest: 0`, replace: `maxRetriesPerRequest: null` }, // either alone keeps it from that
  ),
  resend('a command is kept while Redis is away', `enableOfflineQueue: false`, `enableOfflineQueue: true`),
  swallow(
    'a connection that swallows commands is kept',
    `if (error instanceof Error && /command timed out/i.test(error.message)) client.disconnect(true);`,
    '',
  ),
  of('libs/queue/src/redis/script.ts', QUEUE, ['hazards/05-scripts-forgotten'])(
    'a script that Redis forgot is not sent again',
    `return script.parse(await client.eval(script.text, keys.length, ...keys, ...args));`,
    `throw error;`,
  ),
  push('a push that failed is not marked', `await repository.markRedisBehind(firstPlace(jobs));`, ''),
  push(
    'a producer rebuilds beside a living worker',
    `if (await repository.isLeaseHeld(RECONCILER_LEASE)) return false;`,
    '',
  ),
  push('what is in hands or waits for its time is pushed', `.filter((standing) => standing.ready)`, ''),
  pass('what is claimed is taken for settled', `if (standing?.status === 'processing') continue;`, ''),
  pass('what may be on its way is delivered as missing', `PAGE, options.minAgeMs)`, `PAGE, 0)`),
  of('libs/queue/src/reconcile/repair.ts', QUEUE, ['reconcile/reconciler', 'reconcile/old-dump'])(
    'a whole pass does not mend the dead letters',
    `await deadLetters.mendAll();`,
    `{ missing: 0, ghosts: 0 };`,
  ),
  of('libs/queue/src/reconcile/reconciler.ts', QUEUE, ['reconcile/reconciler'])(
    'what is settled and in hands is dropped at the first look',
    `const over = settledTwice`,
    `const over = settled ?? settledTwice`,
  ),
];
