/** What happens to a job besides its worker's own steps: expiry, give-back of orphans, the reconciler, operators, outages. */
import { cancel, clear, discard, enqueue, expire, retry, settle, type Change, type Job } from './job.ts';
import type { Faults, Rules } from './rules.ts';
import { andThen, rowStep, type Act, type Step } from './step.ts';
import { withJob, type World } from './world.ts';

export function otherSteps(world: World, index: number, rules: Rules, faults: Faults): Step[] {
  const job = world.jobs[index];
  if (job === undefined) return [];
  return [
    ...expiries(world, index, job, rules),
    ...orphans(world, index, job, rules),
    ...reconciles(world, index, job, rules),
    ...operators(world, index, job, rules, faults),
  ];
}

/** Steps that are about all of it. */
export function outages(world: World, rules: Rules): Step[] {
  const quiet = { by: 'fault', job: 0, events: [], counts: 0 } as const;
  const steps: Step[] = [];
  if (world.jobs.some((job) => job.place !== 'none')) {
    const emptied = world.jobs.reduce((next, job, j) => withJob(next, j, { ...job, place: 'none' }), world);
    steps.push({ ...quiet, name: 'Redis is emptied', world: emptied });
  }
  if (!rules.outageMovesLeasesOn && world.jobs.some((job) => job.token === 'held' && job.status === 'processing')) {
    const lapsed = world.jobs.reduce(
      (next, job, j) => (job.token === 'held' ? withJob(next, j, { ...job, token: 'lapsed' }) : next),
      world,
    );
    steps.push({ ...quiet, name: 'Postgres is away for longer than a lease', world: lapsed });
  }
  return steps;
}

function expiries(world: World, index: number, job: Job, rules: Rules): Step[] {
  if (job.status !== 'processing' || !rules.leasesRunOut) return [];
  if (job.token === 'orphan' && rules.orphansAreGivenBack) return []; // given back long before
  const slow = job.token === 'held';
  const unspent = job.token === 'left' || job.token === 'lapsed' || job.token === 'orphan';
  const change = expire(job, rules);
  const step = rowStep(
    world,
    index,
    change,
    {
      name: slow ? 'a slow worker is taken for lost' : `lease of a claim that is ${job.token} runs out`,
      by: slow ? 'fault' : 'system',
      counts: unspent ? -1 : 0,
    },
    rules.expireClearsToken ? -1 : undefined,
  );
  const row = step.world.jobs[index] ?? job;
  const pushed =
    row.status === 'queued' ? [andThen(step, (next) => withJob(next, index, { ...row, place: 'line' }))] : [];
  return [...pushed, step];
}

function orphans(world: World, index: number, job: Job, rules: Rules): Step[] {
  if (job.token !== 'orphan' || job.status !== 'processing' || !rules.orphansAreGivenBack) return [];
  const change = settle(job, true, 'given_back', rules);
  return [
    rowStep(world, index, change, { name: 'an orphan is given back', by: 'system', counts: -1 }),
    andThen({ name: 'the process of an orphan dies', by: 'fault', world, job: index, events: [], counts: 0 }, (next) =>
      withJob(next, index, { ...job, token: 'gone' }),
    ),
  ];
}

function reconciles(world: World, index: number, job: Job, rules: Rules): Step[] {
  const ready = job.status === 'queued' && !job.delayed;
  const inHands = world.workers.some(
    (worker) => (worker.at === 'took' || worker.at === 'asking') && worker.job === index,
  );
  const deliver = (name: string, redelivers: boolean): Step =>
    rowStep(
      world,
      index,
      {
        verdict: 'done',
        job: { ...job, place: 'line', delayed: false },
        events: [{ event: 'dispatched', attempt: job.attempt, detail: {} }],
      },
      { name, by: 'system', ...(redelivers ? { redelivers: true as const } : {}) },
    );
  const steps: Step[] = [];
  if (ready && job.place === 'none' && rules.missingIsDelivered)
    steps.push(deliver('what Redis lacks is delivered', false));
  if (job.status === 'queued' && job.delayed && rules.dueIsDelivered) steps.push(deliver('a retry is due', false));
  if (ready && job.place === 'active') {
    // Two looks are two seconds apart: a living worker has claimed by then, or put it back.
    if (!rules.reconcilerLooksTwice || !inHands) steps.push(deliver('what nobody claims is delivered', true));
  }
  return steps;
}

function operators(world: World, index: number, job: Job, rules: Rules, faults: Faults): Step[] {
  const pushed = (change: Change | undefined): (Change | undefined)[] =>
    change === undefined ? [] : [change, { ...change, job: { ...change.job, place: 'line' } }];
  const steps = (name: string, changes: (Change | undefined)[], act: Partial<Act>, mine?: number): Step[] =>
    changes.flatMap((change) =>
      change === undefined ? [] : [rowStep(world, index, change, { name, by: 'operator', ...act }, mine)],
    );
  const wish = job.status === 'processing';
  const again = faults.again
    ? [...steps('discard', [discard(job)], {}, -1), ...steps('clear', [clear(job, rules)], { counts: 'zero' }, -1)]
    : [];
  const enqueued = faults.again || job.status !== 'cancelled' ? pushed(enqueue(job, rules)) : [];
  return [
    ...again,
    ...steps('enqueue', enqueued, { counts: 'zero' }, -1),
    ...steps('retry', pushed(retry(job, 'last_good', rules)), { counts: 'zero' }, -1),
    ...steps('retry --from-start', pushed(retry(job, 'start', rules)), { counts: 'zero' }, -1),
    ...steps('cancel', [cancel(job)], {}, wish ? undefined : -1),
  ];
}
