// The status document for people: a page, or one line for a log. Pure.
import type { StatusDocument } from '@jobhive/queue';
import { workerColumns } from './worker-columns.ts';
import { duration } from './duration.ts';
import { plainLine } from './plain.ts';
import type { Paint } from './style.ts';
import { table } from './table.ts';

const LABEL_COLUMNS = 14;

function storeText(name: string, store: StatusDocument['redis'], paint: Paint): string {
  if (!store.ok) return paint.red(`${name} away`);
  return `${name} ok${store.latency_ms === null ? '' : ` (${store.latency_ms.toFixed(1)} ms)`}`;
}

function executionText({ execution_ms: { p50, p95, p99, count } }: StatusDocument): string {
  if (count === 0 || p50 === null || p95 === null || p99 === null) return 'no attempt ended in the last hour';
  return `p50 ${duration(p50)} · p95 ${duration(p95)} · p99 ${duration(p99)} (${String(count)} in the last hour)`;
}

function countsText({ counts }: StatusDocument): string {
  return Object.entries(counts)
    .map(([status, count]) => `${status} ${String(count)}`)
    .join(' · ');
}

/** @param columnsMax width of the terminal, for the table of workers */
export function statusLines(status: StatusDocument, now: Date, paint: Paint, columnsMax: number | undefined): string[] {
  const { workers, oldest_waiting_seconds: oldest, failed } = status;
  const line = (label: string, text: string): string => `${paint.dim(label.padEnd(LABEL_COLUMNS))}${text}`;
  const paused = status.paused ? paint.yellow('  paused') : '';
  return [
    `${paint.bold(plainLine(status.queue))}${paused}`,
    line('waiting', `${String(status.depth)} ready, ${String(status.delayed)} for a retry's time`),
    line('oldest', oldest === null ? 'nothing waits' : `waits for ${duration(oldest * 1000)}`),
    line('processing', String(status.processing)),
    line('failed', failed > 0 ? paint.red(String(failed)) : '0'),
    line('rate', `${String(status.rate_per_minute)} jobs a minute`),
    line('execution', executionText(status)),
    line('all jobs', countsText(status)),
    line('stores', `${storeText('Postgres', status.postgres, paint)} · ${storeText('Redis', status.redis, paint)}`),
    line('workers', workers.active === null ? 'unknown, Redis is away' : `${String(workers.active)} alive`),
    ...(workers.list.length === 0 ? [] : ['', ...table(workers.list, workerColumns(now), columnsMax, paint)]),
  ];
}

export function statusLine(status: StatusDocument, now: Date): string {
  const { workers, depth, delayed, processing, failed, rate_per_minute: rate } = status;
  const active = workers.active === null ? 'unknown' : String(workers.active);
  const figures = [
    `depth ${String(depth)}`,
    `delayed ${String(delayed)}`,
    `processing ${String(processing)}`,
    `failed ${String(failed)}`,
    `workers ${active}`,
    `rate ${String(rate)}/min`,
  ];
  return `${now.toISOString()} ${figures.join('  ')}${status.paused ? '  paused' : ''}`;
}
