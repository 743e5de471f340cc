// The status for who looks again and again, a dashboard or `top`: over a million jobs the figures take a good part of a second
// to count, so they are counted again only when something may have changed. Each change of a job, a pause and its end are
// events, whose numbers a sequence gives out before they are committed: so for as long as any transaction may last after the
// last number, all is counted. What moves with time alone is counted now and then.
import { systemClock, type Clock } from '@jobhive/config';
import type { Figures } from '@jobhive/db';
import { readStatus, type StatusDocument, type StatusParts } from './status.ts';

/** No statement of ours takes longer. */
const SETTLED_MS = 35_000;
/** While retries come due, and while the rate of the last minute sinks. */
const MOVING_AGE_MS = 5000;
const RESTING_AGE_MS = 60_000;

interface Known {
  readonly figures: Figures;
  readonly mark: string;
  readonly countedMs: number;
  /** When the mark was seen to change. */
  readonly movedMs: number;
}

/** @returns what answers as readStatus() does, its figures as of now as far as that can be told */
export function watchStatus(parts: StatusParts, clock: Clock = systemClock): () => Promise<StatusDocument> {
  const { repository } = parts;
  let known: Known | undefined;
  const figures = async (): Promise<Figures> => {
    const nowMs = clock.monotonicMs();
    const mark = await repository.statusMark();
    const before = known;
    if (before?.mark === mark && isAtRest(before, nowMs)) return aged(before, nowMs);
    const counted = await repository.figures();
    known = { figures: counted, mark, countedMs: nowMs, movedMs: before?.mark === mark ? before.movedMs : nowMs };
    return counted;
  };
  const watched: StatusParts = { ...parts, repository: { ...repository, figures } };
  return () => readStatus(watched);
}

function isAtRest({ figures, countedMs, movedMs }: Known, nowMs: number): boolean {
  const ageMaxMs = figures.delayed > 0 || figures.ratePerMinute > 0 ? MOVING_AGE_MS : RESTING_AGE_MS;
  return nowMs - movedMs >= SETTLED_MS && nowMs - countedMs < ageMaxMs;
}

function aged({ figures, countedMs }: Known, nowMs: number): Figures {
  const { oldestWaitingSeconds: oldest } = figures;
  return { ...figures, oldestWaitingSeconds: oldest === null ? null : oldest + (nowMs - countedMs) / 1000 };
}
