/** The laws of architecture.md that a state machine can break, asked of every step. Each answers with a sentence. */
import { tell, type Story } from '../history/story.ts';
import type { Job } from './job.ts';
import { RETRIES_MAX } from './rules.ts';
import type { Step } from './step.ts';
import type { World } from './world.ts';

type Law = (before: Job, after: Job, step: Step, from: World) => string | false;

const WORKER = 'w';

const oneWriter: Law = (before, after, step) =>
  step.writesHolding === false &&
  (step.events.length > 0 || before.status !== after.status || before.firstStageDone !== after.firstStageDone) &&
  'law 2: a worker that does not hold the claim wrote';

const finishedStaysFinished: Law = (before, _after, step) =>
  step.begins === 'first' && before.firstStageDone && 'law 3: a finished stage is run again';

/** What the step may count is told by what happened, not by what the row says. */
const onlyWorkSpends: Law = (before, after, { counts, name }) => {
  if (Number.isNaN(counts)) return 'law 4: one claim counted twice';
  if (after.attempt > RETRIES_MAX + 1) return 'law 4: there is no end to the attempts';
  const expected = counts === 'zero' ? 0 : before.attempt + counts;
  return after.attempt !== expected && `law 4: ${name}: attempt ${String(after.attempt)}, not ${String(expected)}`;
};

const notBeforeItsTime: Law = (before, _after, { events }) =>
  before.delayed && events.some(({ event }) => event === 'claimed') && 'a retry was claimed before its time';

const cancelledStaysCancelled: Law = (before, after) => {
  if (after.status !== 'queued') return false;
  if (before.status === 'processing' && before.cancelWanted)
    return 'a job that is to be cancelled went back to the queue';
  return after.cancelWanted && 'an old wish to cancel came along';
};

const tokenProvesAClaim: Law = (_before, after) => {
  if (after.status === 'processing') return after.token === 'none' && 'law 2: in processing without a token';
  return after.token !== 'none' && after.settledAs === null && 'law 2: a token stands without a claim';
};

const oneHolder: Law = (_before, _after, { world, job }) =>
  world.workers.filter((worker) => worker.holds && worker.job === job).length > 1 &&
  'law 2: two workers hold one claim';

const notOutOfLivingHands: Law = (_before, _after, step, from) =>
  step.redelivers === true &&
  from.workers.some((worker) => worker.at === 'took' && worker.job === step.job) &&
  'law 5: delivered again while a living worker had it in hand';

const NONE_DONE: Story['stages'] = new Map();
const FIRST_DONE: Story['stages'] = new Map([['first', 1]]);

function storyOf({ status, attempt, firstStageDone }: Job): Story {
  return { status, attempt, worker: WORKER, stages: firstStageDone ? FIRST_DONE : NONE_DONE, ended: null };
}

/** The checker of histories, asked whether the step's events tell of its change. */
const historyIsComplete: Law = (before, after, { events }) => {
  if (before === after) return false;
  let story = storyOf(before);
  for (const event of events) {
    const told = tell(story, { ...event, job_id: '', worker_name: WORKER });
    if (told.broken !== null) return `law 7: ${event.event} ${told.broken}`;
    if (told.stageAgain) return 'law 3: a stage was recorded twice';
    story = told.story;
  }
  if (story.status !== after.status || story.attempt !== after.attempt) {
    return `law 7: the events say ${story.status} ${String(story.attempt)}, the row ${after.status} ${String(after.attempt)}`;
  }
  return story.stages.size > 0 !== after.firstStageDone && 'law 7: the events tell of other stages than the row';
};

const LAWS: readonly Law[] = [
  oneWriter,
  finishedStaysFinished,
  onlyWorkSpends,
  notBeforeItsTime,
  cancelledStaysCancelled,
  tokenProvesAClaim,
  oneHolder,
  notOutOfLivingHands,
  historyIsComplete,
];

/** The first law that this step breaks; null where it breaks none. */
export function brokenLaw(from: World, step: Step): string | null {
  const before = from.jobs[step.job];
  const after = step.world.jobs[step.job];
  if (before === undefined || after === undefined) return null;
  for (const law of LAWS) {
    const broken = law(before, after, step, from);
    if (broken !== false) return broken;
  }
  return null;
}

/** Law 1: nothing is accepted and not ended. `discovered` is what no one has enqueued, or an operator took back. */
export function isAtRest(world: World): boolean {
  return world.jobs.every(({ status }) => status !== 'queued' && status !== 'processing');
}
