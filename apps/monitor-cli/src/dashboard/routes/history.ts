// The charts' series: one or 24 hours, a sample a minute, so at most 1,440 of them. It lies in Postgres, and outlives us.
import type { HistoryMinute } from '@jobhive/db';
import * as z from 'zod';
import { route } from '../route.ts';
import { historyDocument, type HistorySample } from '../schema/history.ts';

const STEP_SECONDS = 60;

function sampleOf({
  at,
  depth,
  delayed,
  processing,
  processed,
  failed,
  retried,
  executionMs,
}: HistoryMinute): HistorySample {
  return {
    at,
    depth,
    delayed,
    processing,
    rate_per_minute: processed + failed,
    failures: failed,
    retries: retried,
    execution_ms: executionMs,
  };
}

export const historyRoute = route({
  method: 'GET',
  path: '/api/history',
  summary: 'The last hour, or the last 24, minute by minute',
  query: z.object({ hours: z.enum(['1', '24']).default('1').transform(Number) }),
  answer: historyDocument,
  handle: async ({ open, query: { hours } }) => {
    const minutes = await open.repository.historyMinutes(hours);
    return { hours, step_seconds: STEP_SECONDS, samples: minutes.map(sampleOf) };
  },
});
