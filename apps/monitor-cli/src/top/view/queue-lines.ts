// The tab `queue`: the figures of the queue as a whole, and how depth and rate went. Pure. Latencies are left out: they change
// all the time and would keep a slow line busy; `status` tells them.
import type { StatusDocument } from '@jobhive/queue';
import { duration } from '../../print/duration.ts';
import { SAMPLE_MS, type Sample } from '../series.ts';
import { sparkline } from '../sparkline.ts';
import type { Look } from './look.ts';

const LABEL_COLUMNS = 12;
const HIGHEST_COLUMNS = 16;

function executionText({ execution_ms: { p50, p95, p99, count } }: StatusDocument): string {
  if (p50 === null || p95 === null || p99 === null) return 'no attempt ended in the last hour';
  return `p50 ${duration(p50)} · p95 ${duration(p95)} · p99 ${duration(p99)} (${String(count)} in the last hour)`;
}

function trend(samples: readonly Sample[], figure: 'depth' | 'rate', { columns, paint }: Look): string {
  const room = Math.max(0, columns - LABEL_COLUMNS - HIGHEST_COLUMNS);
  const values = samples.map((sample) => sample[figure]);
  const highest = Math.max(0, ...values.slice(-room));
  return `${paint.blue(sparkline(values, room))} ${paint.dim(`≤ ${String(highest)}`)}`;
}

export function queueLines(status: StatusDocument, samples: readonly Sample[], look: Look): string[] {
  const { paint } = look;
  const { counts, oldest_waiting_seconds: oldest, workers } = status;
  const line = (label: string, text: string): string => `${paint.dim(label.padEnd(LABEL_COLUMNS))}${text}`;
  const room = Math.max(0, look.columns - LABEL_COLUMNS - HIGHEST_COLUMNS);
  return [
    line('waiting', `${String(status.depth)} ready, ${String(status.delayed)} for a retry's time`),
    line('oldest', oldest === null ? 'nothing waits' : `waits for ${duration(oldest * 1000)}`),
    line('processing', String(status.processing)),
    line('workers', workers.active === null ? 'unknown, Redis is away' : `${String(workers.active)} alive`),
    line('rate', `${String(status.rate_per_minute)} jobs a minute`),
    line('execution', executionText(status)),
    '',
    line('discovered', String(counts.discovered)),
    line('processed', paint.green(String(counts.processed))),
    line('failed', counts.failed > 0 ? paint.red(String(counts.failed)) : '0'),
    line('cancelled', String(counts.cancelled)),
    '',
    line('depth', trend(samples, 'depth', look)),
    line('rate', trend(samples, 'rate', look)),
    line('', paint.dim(`the last ${duration(room * SAMPLE_MS)}`)),
  ];
}
