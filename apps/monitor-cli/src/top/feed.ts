// Reads what is looked at, again and again: the figures, and the rows of the tab or the job that is open; nothing else. It
// rests at least a second between two looks, and five times as long as a look took, so that a slow database is not pressed;
// look() wakes it. A look that fails is told and tried again; what was seen stays.
import { createSleeper, withDeadline, type Clock } from '@jobhive/config';
import { isStatus, type DeadLetter, type JobSearch } from '@jobhive/db';
import { isJobId, normaliseJobId, type OpenQueue } from '@jobhive/queue';
import { explain } from '../why/explain.ts';
import { gather } from '../why/gather.ts';
import { withSample } from './series.ts';
import { ROWS_MAX, type JobDetail, type Seen, type State } from './state.ts';
import type { Store } from './store.ts';

const REST_MS = 1000;
const REST_FACTOR = 5;
const REST_MAX_MS = 30_000;
const LOOK_BOUND_MS = 15_000;

/** The words of a filter → a search: `status:S` and `source:S` are told from words of title and company. Pure. */
export function searchOf(filter: string): JobSearch {
  const words = filter.split(/\s+/).filter((word) => word !== '');
  const behind = (prefix: string): string | undefined =>
    words.find((word) => word.startsWith(prefix) && word.length > prefix.length)?.slice(prefix.length);
  const status = behind('status:');
  const text = words.filter((word) => !/^(?:status|source):./.test(word)).join(' ');
  return {
    status: status !== undefined && isStatus(status) ? status : undefined,
    source: behind('source:'),
    text: text === '' ? undefined : text,
    limit: ROWS_MAX,
  };
}

async function detailOf(open: OpenQueue, jobId: string): Promise<JobDetail> {
  const { history, facts, now } = await gather(open, jobId);
  const { row: job, errorInfo } = history.job;
  return { job, errorInfo, explanation: explain(history, facts, now), timeline: history.timeline };
}

async function jobsOf({ repository }: OpenQueue, filter: string): Promise<Seen['jobs']> {
  if (!isJobId(filter)) return (await repository.searchJobs(searchOf(filter))).jobs;
  const found = await repository.findJob(normaliseJobId(filter));
  return found === undefined ? [] : [found.row];
}

function failedOf({ queue, repository }: OpenQueue, filter: string): Promise<DeadLetter[]> {
  return filter === '' ? queue.failedList(ROWS_MAX) : repository.searchDeadLetters(filter, ROWS_MAX);
}

/** Only what the state shows. */
async function look(open: OpenQueue, state: State): Promise<Partial<Seen>> {
  if (state.open !== undefined) return { detail: await detailOf(open, state.open.jobId) };
  if (state.tab === 'jobs') return { jobs: await jobsOf(open, state.filters.jobs) };
  if (state.tab !== 'failed') return {};
  const [failed, groups] = await Promise.all([failedOf(open, state.filters.failed), open.queue.failedGroups()]);
  return { failed, groups };
}

/** Whether what was read is still what is shown. */
function same(before: State, after: State): boolean {
  const filter = after.filters[after.tab];
  return before.tab === after.tab && before.filters[before.tab] === filter && before.open?.jobId === after.open?.jobId;
}

export interface Feed {
  start(): void;
  /** Now, since something else is to be seen. */
  look(): void;
  stop(): Promise<void>;
}

export function createFeed(open: OpenQueue, store: Store, clock: Clock): Feed {
  const sleeper = createSleeper();
  const end = new AbortController();
  const askStatus = open.queue.watchStatus();
  let running: Promise<void> | undefined;
  const once = async (): Promise<void> => {
    const before = store.state();
    const status = await askStatus();
    const seen = await look(open, before);
    if (end.signal.aborted) return;
    const samples = withSample(store.state().seen.samples, status, clock.monotonicMs());
    store.see({ status, samples, trouble: undefined, ...(same(before, store.state()) ? seen : {}) });
  };
  const loop = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const fromMs = clock.monotonicMs();
      await withDeadline(once(), LOOK_BOUND_MS, 'a look at the stores').catch((error: unknown) => {
        if (!end.signal.aborted) store.see({ trouble: error instanceof Error ? error.message : String(error) });
      });
      const restMs = Math.min(REST_MAX_MS, Math.max(REST_MS, REST_FACTOR * (clock.monotonicMs() - fromMs)));
      const trouble = store.state().seen.trouble !== undefined;
      await sleeper.sleep(trouble ? REST_MS : restMs, end.signal).catch(() => undefined); // asked to end: the loop sees it
    }
  };
  return {
    start: () => void (running ??= loop()),
    look: () => sleeper.wake(),
    stop: async () => {
      end.abort();
      await Promise.race([running, new Promise((resolve) => setTimeout(resolve, REST_MS).unref())]);
    },
  };
}
