// The retry of many dead letters: what is asked first, what is sent, and what is told. It is answered when all of them are queued,
// so it is waited for; until then its button is busy. Pure.
import type { Retried } from '../api/documents.ts';
import { LONG_WORK_WITHIN_MS } from '../api/send.ts';
import { counted } from '../parts/words.ts';

export function retryAct(count: number, what: string, body: unknown) {
  return {
    path: '/api/failed/retry',
    body,
    withinMs: LONG_WORK_WITHIN_MS,
    question: {
      title: `Retry ${counted(count, 'failed job')}?`,
      text: `${what} Each gets a fresh set of attempts behind those that wait, oldest failure first, and goes on after its last good stage.`,
      act: `Retry ${counted(count, 'job')}`,
    },
    done: ({ retried, dispatched }: Retried): string =>
      `${counted(retried, 'job')} queued again${dispatched ? '' : '; delivered when Redis is back'}`,
  };
}
