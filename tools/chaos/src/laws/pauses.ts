/** When all was paused, by the operators' calls. */
import { CALL_MS_MAX, type Call } from '../evidence.ts';
import type { Span } from './reach.ts';

/** When a call that was answered so may have been carried out, at the latest: one that failed, later than that. */
export function doneByMs({ answer, answeredMs }: Call): number {
  return answer === 'unknown' ? answeredMs + CALL_MS_MAX : answeredMs;
}

/** Spans in which it may have been paused: from the call until a resume that began after it was over. */
export function pausedFor(calls: readonly Call[]): Span[] {
  const resumes = calls.filter(({ what, answer }) => what === 'resume' && answer === 'done');
  return calls
    .filter(({ what, answer }) => what === 'pause' && answer !== 'refused')
    .map((pause) => {
      const after = resumes.filter(({ calledMs }) => calledMs >= doneByMs(pause)).map(({ answeredMs }) => answeredMs);
      return { fromMs: pause.calledMs, toMs: Math.min(...after) };
    });
}

/** Spans in which it surely was: from the answer until the first resume that may have been carried out since. */
export function surelyPaused(calls: readonly Call[]): Span[] {
  const resumes = calls.filter(({ what, answer }) => what === 'resume' && answer !== 'refused');
  return calls
    .filter(({ what, answer }) => what === 'pause' && answer === 'done')
    .map((pause) => {
      const since = resumes.filter((one) => doneByMs(one) >= pause.calledMs).map(({ calledMs }) => calledMs);
      return { fromMs: pause.answeredMs, toMs: Math.min(...since) };
    })
    .filter(({ fromMs, toMs }) => fromMs < toMs);
}
