/**
 * Replays the history of a run, job by job, through the rules of the model, and compares where it ends with the rows of
 * `application_tracking`. What it finds broken is a change without its event, an event without its change, or a rule of the
 * record itself. It cannot see what the history leaves out on both sides; the judge of tools/chaos looks at effects.
 */
import { tell, UNTOLD, type HistoryEvent, type Story } from './story.ts';

/** A row of `application_tracking`, read in the same snapshot as the events. */
export interface FinalRow {
  readonly job_id: string;
  readonly status: string;
  readonly attempt: number;
}

export interface HistoryOptions {
  /** Where the replay of each job must end. A job of these without any event is told, too. */
  readonly rows?: Iterable<FinalRow> | undefined;
  /** `once` (default): no stage finishes twice in one version. `by_hand`: checkpoints were written by hand, as tests do. */
  readonly stages?: 'once' | 'by_hand' | undefined;
}

export interface Violation {
  readonly jobId: string;
  /** Which event of the job, from 0; null where the row at the end differs. */
  readonly index: number | null;
  readonly message: string;
}

interface Replay {
  story: Story;
  count: number;
}

/** @param events of any number of jobs; those of one job in the order of their ids */
export function checkHistory(events: Iterable<HistoryEvent>, options: HistoryOptions = {}): Violation[] {
  const violations: Violation[] = [];
  const replays = new Map<string, Replay>();
  for (const event of events) {
    const replay = replays.get(event.job_id) ?? { story: UNTOLD, count: 0 };
    replays.set(event.job_id, replay);
    const { story, broken, stageAgain } = tell(replay.story, event);
    const found =
      broken ?? (stageAgain && options.stages !== 'by_hand' ? 'tells of a stage that had finished before' : null);
    if (found !== null) violations.push({ jobId: event.job_id, index: replay.count, message: sentence(event, found) });
    replay.story = story;
    replay.count += 1;
  }
  for (const row of options.rows ?? []) {
    const message = differs(row, replays.get(row.job_id)?.story ?? UNTOLD);
    if (message !== null) violations.push({ jobId: row.job_id, index: null, message });
  }
  return violations;
}

function sentence(event: HistoryEvent, found: string): string {
  const stage = event.event === 'stage_finished' ? ` (${String(event.detail['stage'])})` : '';
  return `\`${event.event}\`${stage} of attempt ${String(event.attempt)} ${found}`;
}

function differs(row: FinalRow, { status, attempt }: Story): string | null {
  if (row.status === status && row.attempt === attempt) return null;
  return `the row says ${row.status}, attempt ${String(row.attempt)}; its history says ${status}, attempt ${String(attempt)}`;
}

/** The first few violations, each on a line, for an error's message. */
export function describeViolations(violations: readonly Violation[], linesMax = 20): string {
  const lines = violations
    .slice(0, linesMax)
    .map(({ jobId, index, message }) => `${jobId}${index === null ? '' : ` event ${String(index)}`}: ${message}`);
  const more = violations.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${String(more)} more`] : [])].join('\n');
}
