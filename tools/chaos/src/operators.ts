/**
 * Operators at work beside the producers, in the times of the plan: each makes its calls one after the other, of jobs that producers were
 * told are accepted. Each call is noted with its answer. In the end they leave nothing paused, and what they cleared is enqueued again.
 */
import type { JobQueue, OpenQueue } from '@jobhive/queue';
import { setTimeout as pause } from 'node:timers/promises';
import { openCaller, timed } from './caller.ts';
import type { Call, Enqueued } from './evidence.ts';
import { OPERATORS, type PlannedCall } from './plan.ts';
import type { World } from './world.ts';

/** Of what was accepted, or taken out, so lately most is still so. */
const LATELY = 30;
const PAUSED_MS = 1000;
const AGAIN_MS = 200;
/** What is not done by then is left for the judge to find. */
const TRIES_MAX = 200;
/** Errors by which a call is refused, as the queue's own face tells them. */
const REFUSALS = ['WrongStatusError', 'JobNotFoundError'];

export interface Operators {
  readonly calls: readonly Call[];
  readonly overdue: readonly string[];
  /** Resolves when every call was made; rejects where `stopping` is aborted before. */
  run(startMs: number, stopping: AbortSignal): Promise<void>;
  /** Resumes, and enqueues what was cleared, until that was answered. */
  tidy(stopping: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** @param accepted grows while producers run */
export function createOperators(world: World, accepted: readonly Enqueued[]): Operators {
  const { calls: planned, acts } = world.plan;
  const calls: Call[] = [];
  const overdue: string[] = [];
  const opened =
    planned.length === 0 ? [] : Array.from({ length: OPERATORS }, (_, n) => openCaller(world, 'operator', n));
  const desks = opened.map(({ queue }, number) => createDesk({ queue, number, calls, overdue }));
  const jobsOf = ({ what, picks }: PlannedCall): string[] => {
    const all = accepted.map(({ jobId }) => jobId);
    const misbehaving = all.filter((jobId) => acts.has(jobId));
    const aims: Partial<Record<PlannedCall['what'], readonly string[]>> = {
      retry: misbehaving,
      discard: misbehaving,
      cancel: all.slice(-LATELY),
      enqueue: takenOut(calls).slice(-LATELY),
    };
    const aim = aims[what];
    return aim === undefined ? [] : picks.map((pick) => pickFrom(aim.length === 0 ? all : aim, pick));
  };
  return {
    calls,
    overdue,
    run: async (startMs, stopping) => {
      const walk = async (desk: Desk, number: number): Promise<void> => {
        for (const call of planned.filter(({ operator }) => operator === number)) {
          await pause(Math.max(0, startMs + call.atMs - Date.now()), undefined, { signal: stopping });
          while (accepted.length === 0) await pause(AGAIN_MS, undefined, { signal: stopping });
          await desk.ask(call.what, jobsOf(call));
          if (call.what !== 'pause') continue;
          await pause(PAUSED_MS, undefined, { signal: stopping });
          await resumed(desk, stopping);
        }
      };
      await Promise.all(desks.map((desk, number) => walk(desk, number)));
    },
    tidy: async (stopping) => {
      const [desk] = desks;
      if (desk === undefined) return;
      await resumed(desk, stopping);
      for (let n = 0; n < TRIES_MAX; n += 1) {
        const cleared = await discovered(world);
        if (cleared.length === 0) return;
        await desk.ask('enqueue', cleared);
        await pause(AGAIN_MS, undefined, { signal: stopping });
      }
    },
    close: async () => void (await Promise.all(opened.map((one: OpenQueue) => one.stop()))),
  };
}

interface Desk {
  ask(what: Call['what'], jobIds: readonly string[]): Promise<Call['answer']>;
}

interface DeskOptions {
  readonly queue: JobQueue;
  readonly number: number;
  readonly calls: Call[];
  readonly overdue: string[];
}

function createDesk({ queue, number, calls, overdue }: DeskOptions): Desk {
  const by = `operator ${String(number)}`;
  return {
    ask: async (what, jobIds) => {
      const calledMs = Date.now();
      const note = (answer: Call['answer'], status?: string): Call['answer'] => {
        calls.push({ what, side: number % 2 === 0 ? 0 : 1, jobIds, calledMs, answeredMs: Date.now(), answer, status });
        return answer;
      };
      try {
        const answer = await timed(overdue, `${what} of ${by}`, () => make(queue, what, jobIds, by));
        return note('done', answer.status);
      } catch (error) {
        const refused = error instanceof Error && REFUSALS.includes(error.name);
        return note(refused ? 'refused' : 'unknown');
      }
    },
  };
}

async function make(
  queue: JobQueue,
  what: Call['what'],
  jobIds: readonly string[],
  by: string,
): Promise<{ status?: string }> {
  const [jobId = ''] = jobIds;
  switch (what) {
    case 'enqueue':
      await queue.enqueueJobs(jobIds, by);
      return {};
    case 'cancel':
      return queue.cancel(jobId, by);
    case 'retry':
      await queue.retry({ jobId }, { by });
      return {};
    case 'retry_all':
      await queue.retry({ all: true }, { by });
      return {};
    case 'discard':
      await queue.discard(jobId, by);
      return {};
    case 'clear':
      await queue.clear(by);
      return {};
    case 'pause':
      await queue.pause(by);
      return {};
    case 'resume':
      await queue.resume(by);
      return {};
  }
}

async function resumed(desk: Desk, stopping: AbortSignal): Promise<void> {
  for (let n = 0; n < TRIES_MAX; n += 1) {
    if ((await desk.ask('resume', [])) === 'done') return;
    await pause(AGAIN_MS, undefined, { signal: stopping });
  }
}

async function discovered({ admin }: World): Promise<string[]> {
  const { rows } = await admin.query<{ jobId: string }>(
    `SELECT job_id AS "jobId" FROM application_tracking WHERE status = 'discovered' ORDER BY job_id`,
  );
  return rows.map(({ jobId }) => jobId);
}

/** What operators have cancelled or discarded. */
function takenOut(calls: readonly Call[]): string[] {
  return calls
    .filter(({ what, answer }) => (what === 'cancel' || what === 'discard') && answer === 'done')
    .flatMap(({ jobIds }) => jobIds);
}

function pickFrom(ids: readonly string[], pick: number): string {
  return ids[Math.floor(pick * ids.length)] ?? '';
}
