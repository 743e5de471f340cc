// All that `top` knows and shows, as one value. What was read of the stores is `seen`; the rest is what the keys made of it.
// Rows are chosen by their key, not by their place, so that the mark stays on its row when others come and go.
import type { DeadLetter, DeadLetterGroup, ErrorInfo, JobRow, TimelineEntry } from '@jobhive/db';
import type { StatusDocument, WorkerRow } from '@jobhive/queue';
import type { Explanation } from '../why/explain.ts';
import type { Act } from './act.ts';
import type { Sample } from './series.ts';

export const TABS = ['queue', 'workers', 'jobs', 'failed'] as const;
export type Tab = (typeof TABS)[number];

/** Of a list; its filter finds the others. */
export const ROWS_MAX = 200;

export interface JobDetail {
  readonly job: JobRow;
  readonly errorInfo: ErrorInfo | null;
  readonly explanation: Explanation;
  readonly timeline: readonly TimelineEntry[];
}

export interface Seen {
  readonly status: StatusDocument | undefined;
  readonly samples: readonly Sample[];
  readonly jobs: readonly JobRow[] | undefined;
  /** Oldest failure first, as the filter has them. */
  readonly failed: readonly DeadLetter[] | undefined;
  readonly groups: readonly DeadLetterGroup[] | undefined;
  /** Of the job that is looked at; undefined until it was read. */
  readonly detail: JobDetail | undefined;
  /** Why the last look failed; what was seen before stays. */
  readonly trouble: string | undefined;
}

export interface Mark {
  readonly key: string | undefined;
  readonly at: number;
}

export interface Notice {
  readonly text: string;
  readonly bad: boolean;
}

export interface State {
  readonly seen: Seen;
  readonly tab: Tab;
  readonly marks: Readonly<Record<Tab, Mark>>;
  readonly filters: Readonly<Record<Tab, string>>;
  /** The filter while it is typed. */
  readonly typing: string | undefined;
  /** The job whose page is open, and how far it is scrolled. */
  readonly open: { readonly jobId: string; readonly line: number } | undefined;
  readonly help: boolean;
  /** Asked before it is done. */
  readonly question: Act | undefined;
  /** What is being done. */
  readonly doing: string | undefined;
  readonly notice: Notice | undefined;
  readonly size: { readonly columns: number; readonly rows: number };
}

const each = <T>(value: T): Record<Tab, T> => ({ queue: value, workers: value, jobs: value, failed: value });

export function initialState(size: State['size']): State {
  return {
    seen: {
      status: undefined,
      samples: [],
      jobs: undefined,
      failed: undefined,
      groups: undefined,
      detail: undefined,
      trouble: undefined,
    },
    tab: 'queue',
    marks: each({ key: undefined, at: 0 }),
    filters: each(''),
    typing: undefined,
    open: undefined,
    help: false,
    question: undefined,
    doing: undefined,
    notice: undefined,
    size,
  };
}

function matches(filter: string, texts: readonly (string | null)[]): boolean {
  const text = texts.join(' ').toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export function workersShown({ seen, filters }: State): readonly WorkerRow[] {
  const { list = [] } = seen.status?.workers ?? {};
  return list.filter(({ name, host, stage, job_id }) => matches(filters.workers, [name, host, stage, job_id]));
}

/** The keys of a tab's rows, as shown; those of jobs and of failed are filtered where they are read. */
export function keysShown(state: State): readonly string[] {
  switch (state.tab) {
    case 'queue':
      return [];
    case 'workers':
      return workersShown(state).map(({ name }) => name);
    case 'jobs':
      return (state.seen.jobs ?? []).map(({ job_id }) => job_id);
    case 'failed':
      return (state.seen.failed ?? []).map(({ job_id }) => job_id);
  }
}

/** The place of the mark: that of its row, or where it stood when its row has gone. */
export function markedAt(state: State): number {
  const keys = keysShown(state);
  const { key, at } = state.marks[state.tab];
  const found = key === undefined ? -1 : keys.indexOf(key);
  return found >= 0 ? found : Math.max(0, Math.min(at, keys.length - 1));
}

/** The job that keys act on: the one whose page is open, else the marked one (of a worker, what it has in hand). */
export function jobMeant(state: State): string | undefined {
  if (state.open !== undefined) return state.open.jobId;
  const key = keysShown(state)[markedAt(state)];
  if (state.tab !== 'workers') return key;
  return workersShown(state).find(({ name }) => name === key)?.job_id ?? undefined;
}
