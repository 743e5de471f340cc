// The queue minute by minute, for charts.
import * as z from 'zod';
import { count, named, time } from './register.ts';

const ms = z.number().min(0).nullable();

const historySample = named(
  'HistorySample',
  'One minute that is over',
  z.object({
    at: time.describe("the minute's beginning"),
    depth: count.nullable().describe('jobs ready for a worker; null where nobody looked in that minute'),
    delayed: count.nullable(),
    processing: count.nullable(),
    rate_per_minute: count.describe('attempts that ended as processed or failed'),
    failures: count.describe('jobs that failed for good'),
    retries: count.describe('attempts that failed and are tried again'),
    execution_ms: z.object({ p50: ms, p95: ms, p99: ms }).describe('null where no attempt ended'),
  }),
);

export const historyDocument = named(
  'History',
  'Oldest minute first; a minute of which nothing is known is left out',
  z.object({ hours: z.int(), step_seconds: z.int(), samples: z.array(historySample).readonly() }),
);
export type HistorySample = z.infer<typeof historySample>;
