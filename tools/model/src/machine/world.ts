/**
 * The whole system at one moment: the rows, Redis' entries, the workers. A world is made tidy after each step, and has a
 * number, the same for worlds that differ only in the names of jobs and workers or in what nothing reads any more.
 */
import { DISCOVERED, type Job, type Settlement, type Token } from './job.ts';

/**
 * A worker: idle; has taken an id; has asked for the claim and does not know the answer; runs the first or the last stage;
 * has settled and does not know the answer; is done, while an ask of its own is still on its way (`trailing`).
 */
export interface Worker {
  readonly at: 'idle' | 'took' | 'asking' | 'first' | 'last' | 'settling' | 'trailing';
  readonly job: number;
  /** The row bears its token. */
  readonly holds: boolean;
  readonly outcome: Settlement | null;
  /** A first ask of its claim, repeated meanwhile, may still be run by Postgres. */
  readonly askOnItsWay: boolean;
}

export interface World {
  readonly jobs: readonly Job[];
  readonly workers: readonly Worker[];
}

export const IDLE: Worker = { at: 'idle', job: 0, holds: false, outcome: null, askOnItsWay: false };

export function beginning(jobs: number, workers: number): World {
  return { jobs: Array<Job>(jobs).fill(DISCOVERED), workers: Array<Worker>(workers).fill(IDLE) };
}

/**
 * A job's row as it is after a step: nobody is asked about a token that nobody holds, and an entry of what is settled is
 * as good as none, for whoever takes it drops it.
 */
function tidyJob(job: Job, held: boolean): Job {
  const settled = job.status !== 'processing';
  const place = settled && job.status !== 'queued' ? 'none' : job.place;
  const token = settled && !held ? 'none' : job.token;
  const settledAs = settled && held ? job.settledAs : null;
  const tidy = token === job.token && settledAs === job.settledAs && place === job.place;
  return tidy ? job : { ...job, token, settledAs, place };
}

/**
 * A worker of the job whose row now bears another's token. An ask of its own that is on its way still is void, too: Postgres
 * ends a statement after 5 s, and a worker does not settle under the token of a claim whose answer it never had.
 */
function withToken(worker: Worker, isMine: boolean): Worker {
  if (worker.holds === isMine) return worker;
  return isMine ? { ...worker, holds: true } : { ...worker, holds: false, askOnItsWay: false };
}

/** @param mine number of the worker whose token the row now bears: all others' are void; -1 where nobody's is */
export function withJob(world: World, index: number, job: Job, mine?: number): World {
  const isAbout = (worker: Worker): boolean => worker.job === index && worker.at !== 'idle';
  const workers =
    mine === undefined
      ? world.workers
      : world.workers.map((worker, w) => (isAbout(worker) ? withToken(worker, w === mine) : worker));
  const held = workers.some((worker) => worker.holds && worker.job === index);
  const jobs = world.jobs.slice();
  jobs[index] = tidyJob(job, held);
  return { workers, jobs };
}

export function withWorker(world: World, index: number, worker: Worker): World {
  const workers = world.workers.slice();
  workers[index] = worker;
  return { jobs: world.jobs, workers };
}

/** The worker lets its claim go, and is idle or trails its ask; a row in processing keeps the token, as `leaves`. */
export function letGo(world: World, index: number, leaves: Token, after: Worker = IDLE): World {
  const worker = world.workers[index];
  const job = worker === undefined ? undefined : world.jobs[worker.job];
  if (worker === undefined || job === undefined) return world;
  const freed = withWorker(world, index, after);
  const token = worker.holds && job.status === 'processing' ? leaves : job.token;
  return withJob(freed, worker.job, { ...job, token });
}

const STATUSES = ['discovered', 'queued', 'processing', 'failed', 'processed', 'cancelled'] as const;
const ENDED = STATUSES.indexOf('processed');
const TOKENS: readonly Token[] = ['none', 'held', 'lapsed', 'orphan', 'gone', 'left'];
const PLACES = ['none', 'line', 'active'] as const;
const PHASES = ['idle', 'took', 'asking', 'first', 'last', 'settling', 'trailing'] as const;
const STALE = PHASES.length;
const WORKER_CODES = 128;
const JOB_CODES = 2 ** 13;

/** A settled token is one that is asked about again, whatever it was settled as; what is over is over. */
function jobCode(job: Job): number {
  const waits = job.status === 'queued' || job.status === 'processing';
  let code = Math.min(STATUSES.indexOf(job.status), ENDED);
  code = code * 4 + (waits ? job.attempt : 0);
  code = code * 7 + (job.settledAs === null ? TOKENS.indexOf(job.token) : TOKENS.length);
  code = code * 3 + PLACES.indexOf(job.place);
  code = code * 2 + (job.firstStageDone && (waits || job.status === 'failed') ? 1 : 0);
  code = code * 2 + (job.delayed ? 1 : 0);
  return code * 2 + (job.cancelWanted && waits ? 1 : 0);
}

/** A worker that works without a claim will be refused, whatever it is at. */
function workerCode(worker: Worker, swap: boolean): number {
  if (worker.at === 'idle') return 0;
  const works = worker.at === 'first' || worker.at === 'last' || worker.at === 'settling';
  const at = works && !worker.holds ? STALE : PHASES.indexOf(worker.at);
  const job = swap ? 1 - worker.job : worker.job;
  const back = worker.outcome === 'given_back' && at !== STALE;
  const bits = [job === 1, worker.holds, worker.askOnItsWay, back];
  return bits.reduce((code, bit) => code * 2 + (bit ? 1 : 0), at);
}

function numberOf(first: number, second: number, workers: readonly number[]): number {
  const [a = 0, b = 0, c = 0] = [...workers].sort((x, y) => x - y);
  return (((first * JOB_CODES + second) * WORKER_CODES + a) * WORKER_CODES + b) * WORKER_CODES + c;
}

/** The number of a world of two jobs and three workers. */
export function worldNumber({ jobs, workers }: World): number {
  const [first = 0, second = 0] = jobs.map(jobCode);
  const straight = workers.map((worker) => workerCode(worker, false));
  if (first < second) return numberOf(first, second, straight);
  const swapped = workers.map((worker) => workerCode(worker, true));
  if (first > second) return numberOf(second, first, swapped);
  return Math.min(numberOf(first, second, straight), numberOf(second, first, swapped));
}
