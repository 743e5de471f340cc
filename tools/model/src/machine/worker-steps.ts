/**
 * What a worker may do next: take, ask for the claim, run, checkpoint, settle. Every ask may be answered; be run with its answer
 * lost; or (a claim) still be on its way when it is asked again. At any point the worker may die, or leave while Postgres is away.
 */
import { checkpoint, claim, settle, type Job, type Settlement } from './job.ts';
import { RETRIES_MAX, type Faults, type Rules } from './rules.ts';
import { andThen, rowStep, type Step } from './step.ts';
import { IDLE, letGo, withJob, withWorker, type Worker, type World } from './world.ts';

interface Hand {
  readonly world: World;
  readonly w: number;
  readonly worker: Worker;
  readonly job: Job;
  readonly rules: Rules;
  readonly faults: Faults;
}

export function workerSteps(world: World, w: number, rules: Rules, faults: Faults): Step[] {
  const worker = world.workers[w] ?? IDLE;
  if (worker.at === 'idle') return takes(world, w);
  const job = world.jobs[worker.job];
  if (job === undefined) return [];
  const hand = { world, w, worker, job, rules, faults };
  const late = worker.askOnItsWay ? [runLate(hand)] : [];
  return [...BY_PHASE[worker.at](hand), ...late, ...ends(hand)];
}

const BY_PHASE: Readonly<Record<Exclude<Worker['at'], 'idle'>, (hand: Hand) => Step[]>> = {
  took: (hand) => [...asks(hand), sendOnly(hand), putBack(hand, 'puts it back')].flatMap((step) => step ?? []),
  asking: (hand) => [...asks(hand), putBack(hand, 'gives up asking')],
  first: (hand) => [
    ...checkpoints(hand),
    ...settlements(hand, ['retry', 'retry_after', 'failed', 'given_back', 'cancelled']),
  ],
  last: (hand) => settlements(hand, ['processed', 'retry', 'retry_after', 'failed', 'given_back', 'cancelled']),
  settling: (hand) => (hand.worker.outcome === null ? [] : settles(hand, hand.worker.outcome)),
  trailing: (hand) => [quiet(hand, 'its late ask is gone', 'system', letGo(hand.world, hand.w, 'gone'))],
};

/** A step that changes no row. */
function quiet({ worker }: Hand, name: string, by: Step['by'], world: World): Step {
  return { name, by, world, job: worker.job, events: [], counts: 0 };
}

function takes(world: World, w: number): Step[] {
  return world.jobs.flatMap((job, j): Step[] => {
    if (job.place !== 'line') return [];
    const worker: Worker = { ...IDLE, at: 'took', job: j };
    const taken = withWorker(withJob(world, j, { ...job, place: 'active' }), w, worker);
    return [{ name: 'takes', by: 'system', world: taken, job: j, events: [], counts: 0 }];
  });
}

/** The entry out of `active`: a late acknowledgement takes nothing out of the line. */
function acknowledged(job: Job): Job {
  return job.place === 'active' ? { ...job, place: 'none' } : job;
}

function acknowledge(world: World, index: number): World {
  const job = world.jobs[index];
  return job === undefined ? world : withJob(world, index, acknowledged(job));
}

/** Idle again; or trailing the ask that may still be run. */
function done(world: World, w: number): World {
  const worker = world.workers[w] ?? IDLE;
  return worker.askOnItsWay
    ? withWorker(world, w, { ...worker, at: 'trailing', outcome: null })
    : letGo(world, w, 'orphan');
}

function asks(hand: Hand): Step[] {
  const { world, w, worker, job, rules } = hand;
  const change = claim(job, worker.holds, rules);
  const counts = change.events.length === 0 ? 0 : worker.holds ? Number.NaN : 1;
  const mine = change.verdict === 'won' ? w : undefined;
  const step = rowStep(world, worker.job, change, { name: `claims: ${change.verdict}`, by: 'system', counts }, mine);
  const lost = andThen(step, (next) => withWorker(next, w, { ...(next.workers[w] ?? worker), at: 'asking' }), {
    name: `${step.name}, answer lost`,
    by: 'fault',
  });
  const maybeLost = hand.faults.lostAnswers ? [lost] : [];
  if (change.verdict !== 'won') return [andThen(step, (next) => acknowledge(done(next, w), worker.job)), ...maybeLost];
  const begins = job.firstStageDone && rules.claimKeepsStages ? 'last' : 'first';
  return [
    andThen(step, (next) => withWorker(next, w, { ...(next.workers[w] ?? worker), at: begins }), { begins }),
    ...maybeLost,
  ];
}

/** The ask is sent, and not run yet. One such ask in the whole world at a time. */
function sendOnly(hand: Hand): Step | undefined {
  const { world, w, worker, faults } = hand;
  if (!faults.lateAsks || world.workers.some((other) => other.askOnItsWay)) return undefined;
  return quiet(hand, 'sends a claim', 'fault', withWorker(world, w, { ...worker, at: 'asking', askOnItsWay: true }));
}

/** The first ask, run after it was repeated: nobody reads its answer. */
function runLate({ world, w, worker, job, rules }: Hand): Step {
  const change = claim(job, worker.holds, rules);
  const counts = change.events.length === 0 ? 0 : worker.holds ? Number.NaN : 1;
  const mine = change.verdict === 'won' ? w : undefined;
  const step = rowStep(world, worker.job, change, { name: `late claim: ${change.verdict}`, by: 'fault', counts }, mine);
  return andThen(step, (next) => {
    const late = { ...(next.workers[w] ?? worker), askOnItsWay: false };
    return worker.at === 'trailing' ? letGo(withWorker(next, w, late), w, 'orphan') : withWorker(next, w, late);
  });
}

function putBack(hand: Hand, name: string): Step {
  const { world, w, worker, job } = hand;
  const freed = letGo(world, w, 'orphan');
  const row = freed.jobs[worker.job] ?? job;
  return quiet(hand, name, 'chance', withJob(freed, worker.job, { ...row, place: 'line' }));
}

function checkpoints({ world, w, worker, job, rules }: Hand): Step[] {
  const change = checkpoint(job, worker.holds, rules);
  const step = rowStep(world, worker.job, change, {
    name: `checkpoints: ${change.verdict}`,
    by: 'system',
    writesHolding: worker.holds,
  });
  if (change.verdict === 'stale') return [andThen(step, (next) => done(next, w))];
  const on = andThen(step, (next) => withWorker(next, w, { ...(next.workers[w] ?? worker), at: 'last' }));
  return [on, { ...step, name: `${step.name}, answer lost`, by: 'fault' }];
}

/** What the work may come to; judgeOutcome() gives no further retry after the last attempt. */
function settlements(hand: Hand, kinds: readonly Settlement[]): Step[] {
  const { job, worker } = hand;
  const possible = kinds.filter((as) => {
    if (as === 'retry') return !worker.holds || job.attempt <= RETRIES_MAX;
    return as === 'cancelled' ? job.cancelWanted : true;
  });
  return possible.flatMap((as) => settles(hand, as));
}

function settles({ world, w, worker, job, rules, faults }: Hand, as: Settlement): Step[] {
  const change = settle(job, worker.holds, as, rules);
  const unspent = as === 'given_back' || as === 'retry_after';
  const step = rowStep(world, worker.job, change, {
    name: `settles as ${as}: ${change.verdict}`,
    by: as === 'processed' || worker.at === 'settling' ? 'system' : 'chance',
    counts: change.verdict === 'done' && unspent ? -1 : 0,
    writesHolding: worker.holds,
  });
  if (change.verdict === 'stale') return [andThen(step, (next) => done(next, w))];
  const lost = andThen(
    step,
    (next) => withWorker(next, w, { ...(next.workers[w] ?? worker), at: 'settling', outcome: as }),
    {
      name: `${step.name}, answer lost`,
      by: 'fault',
    },
  );
  const died = andThen(step, (next) => letGo(next, w, 'gone'), { name: `${step.name}, and dies`, by: 'fault' });
  const end = andThen(step, (next) => {
    const row = next.jobs[worker.job] ?? job;
    const back = as === 'given_back' && row.status === 'queued';
    const placed = withJob(next, worker.job, back ? { ...row, place: 'line' } : acknowledged(row));
    return done(placed, w);
  });
  return faults.lostAnswers ? [end, died, lost] : [end, died];
}

function ends(hand: Hand): Step[] {
  const { world, w, worker, job, faults } = hand;
  const died = quiet(hand, 'dies', 'fault', letGo(world, w, 'gone'));
  const holding = faults.leaving && worker.holds && job.status === 'processing';
  return holding ? [died, quiet(hand, 'leaves while Postgres is away', 'fault', letGo(world, w, 'left'))] : [died];
}
