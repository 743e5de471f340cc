/**
 * Law 7, what people read of it: the waits that `why` tells of a job follow each other from the moment it was queued to the event
 * that settled it, without a gap, and sum to that time within 50 ms; where it was queued again by somebody, once more from then. What
 * they are called is not judged here.
 */
import type { Event, Evidence, ToldWaits } from '../evidence.ts';
import { groupBy } from '../stories.ts';
import { broken, type Violation } from '../violation.ts';

const TOLERANCE_MS = 50;
const BEGIN = ['queued', 'retried'];
const END = ['processed', 'failed', 'cancelled', 'cleared'];

/** From when it was queued until it was settled, or cleared. */
interface Life {
  readonly fromMs: number;
  toMs: number | undefined;
}

export function waitsSum({ events, waits }: Evidence): Violation[] {
  const asked = new Set(waits.map(({ jobId }) => jobId));
  const histories = groupBy(
    events.filter(({ jobId }) => asked.has(jobId)),
    ({ jobId }) => jobId,
  );
  return waits.flatMap((told) => {
    const lives = livesOf(histories.get(told.jobId) ?? []);
    const ended = lives.filter((life): life is Life & { toMs: number } => life.toMs !== undefined);
    const wrong = ended.length < lives.length ? undefined : wrongWith(told, ended); // that it is settled, law 1 asks
    return wrong === undefined ? [] : [broken(7, wrong, told.jobId)];
  });
}

function livesOf(events: readonly Event[]): Life[] {
  const lives: Life[] = [];
  for (const { event, atMs } of events) {
    const life = lives.at(-1);
    const isOpen = life !== undefined && life.toMs === undefined;
    if (BEGIN.includes(event) && !isOpen) lives.push({ fromMs: atMs, toMs: undefined });
    if (END.includes(event) && isOpen) life.toMs = atMs;
  }
  return lives;
}

function wrongWith(
  { waits }: ToldWaits,
  lives: readonly { readonly fromMs: number; readonly toMs: number }[],
): string | undefined {
  const wallMs = lives.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const sumMs = waits.reduce((sum, { ms }) => sum + ms, 0);
  if (Math.abs(sumMs - wallMs) > TOLERANCE_MS)
    return `its waits sum to ${String(Math.round(sumMs))} ms, on the wall it took ${String(Math.round(wallMs))} ms`;
  const [first] = lives;
  const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= TOLERANCE_MS;
  const mayFollow = (fromMs: number, endedMs: number): boolean =>
    isNear(fromMs, endedMs) ||
    lives.some(
      (life, n) => isNear(life.toMs, endedMs) && nextAfter(lives, n).some((next) => isNear(next.fromMs, fromMs)),
    );
  const gap = waits.findIndex((wait, n) => !mayFollow(wait.fromMs, waits[n - 1]?.toMs ?? first?.fromMs ?? 0));
  return gap === -1 ? undefined : `its wait number ${String(gap + 1)} does not begin where the one before ends`;
}

/** What may be told after this one: the next, or one behind some that were too short to be told. */
function nextAfter<T extends { readonly fromMs: number; readonly toMs: number }>(lives: readonly T[], n: number): T[] {
  const rest = lives.slice(n + 1);
  const long = rest.findIndex(({ fromMs, toMs }) => toMs - fromMs > TOLERANCE_MS);
  return long === -1 ? rest : rest.slice(0, long + 1);
}
