/**
 * What the history of one job has told so far, and the rule of each event: from which status it may come, which attempt it
 * bears, what it leads to. Pure. It knows the record's words only (contract.md, "The record"), none of the system's code;
 * the explorer replays every step of the model through it, the checker every run of the system.
 */

/** Where a job stands; `unknown` before its first event. */
export type Standing = 'unknown' | 'discovered' | 'queued' | 'processing' | 'processed' | 'failed' | 'cancelled';

/** A row of `job_events`; a job's events are handed over in the order of their ids. */
export interface HistoryEvent {
  readonly job_id: string;
  readonly event: string;
  readonly attempt: number;
  readonly worker_name: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Story {
  readonly status: Standing;
  /** Claims that counted since the job was queued afresh. */
  readonly attempt: number;
  /** Who holds the claim, in `processing`. */
  readonly worker: string | null;
  /** Finished stages with their versions, in the order in which they finished. */
  readonly stages: ReadonlyMap<string, number>;
  /** A claim has just ended without its worker: the event that says to what may follow. */
  readonly ended: 'worker_lost' | 'given_back' | null;
}

export const UNTOLD: Story = { status: 'unknown', attempt: 0, worker: null, stages: new Map(), ended: null };

interface Rule {
  readonly from: readonly Standing[];
  /** What the event's own attempt has to be; absent where it says nothing. */
  readonly bears?: (story: Story) => number;
  readonly to?: Standing;
  /** The attempt after it; absent: as before. */
  readonly leaves?: (story: Story, event: HistoryEvent) => number;
  /** Written by the worker that holds the claim, or in its name. */
  readonly byHolder?: true;
}

/** An end of a claim that spends nothing says one of these. */
const UNSPENT: ReadonlySet<unknown> = new Set(['shutdown', 'no_space', 'no_thread', 'postgres_away', 'retry_after']);

const same = (story: Story): number => story.attempt;
const zero = (): number => 0;
const next = (story: Story): number => story.attempt + 1;
const unlessUnspent = (story: Story, event: HistoryEvent): number =>
  story.attempt - (story.status === 'processing' && UNSPENT.has(event.detail['reason']) ? 1 : 0);

const KNOWN: readonly Standing[] = ['discovered', 'queued', 'processing', 'processed', 'failed', 'cancelled'];

const RULES: Readonly<Record<string, Rule>> = {
  discovered: { from: ['unknown'], bears: zero, to: 'discovered' },
  updated: { from: KNOWN, bears: zero },
  queued: { from: ['discovered', 'cancelled'], bears: zero, to: 'queued', leaves: zero },
  dispatched: { from: ['queued'], bears: same },
  claimed: { from: ['queued'], bears: next, to: 'processing', leaves: next },
  stage_finished: { from: ['processing'], bears: same, byHolder: true },
  processed: { from: ['processing'], bears: same, to: 'processed', byHolder: true },
  retry_scheduled: { from: ['processing'], bears: same, to: 'queued', leaves: unlessUnspent, byHolder: true },
  failed: { from: ['processing'], bears: same, to: 'failed', byHolder: true },
  given_back: {
    from: ['processing'],
    bears: same,
    to: 'queued',
    leaves: (story) => story.attempt - 1,
    byHolder: true,
  },
  worker_lost: { from: ['processing'], bears: same, to: 'queued', byHolder: true },
  cancelled: { from: ['queued', 'processing'], bears: same, to: 'cancelled', leaves: unlessUnspent },
  retried: { from: ['failed'], bears: zero, to: 'queued', leaves: zero },
  discarded: { from: ['failed'], bears: same, to: 'cancelled' },
  cleared: { from: ['queued'], bears: zero, to: 'discovered', leaves: zero },
  closed: { from: KNOWN },
  stale_write_refused: { from: KNOWN },
};

/** What an expiry says besides that the worker is gone: the claim's own attempt, though the claim has ended already. */
function endRule(story: Story, event: string): Rule | undefined {
  if (story.status !== 'queued') return undefined;
  if (event === 'failed' && story.ended === 'worker_lost') return { from: ['queued'], bears: same, to: 'failed' };
  if (event === 'cancelled' && story.ended === 'given_back') return { from: ['queued'], to: 'cancelled' }; // at once: the claim's attempt; by an operator: what it left
  return undefined;
}

function isBroken(story: Story, event: HistoryEvent, rule: Rule): string | null {
  if (!rule.from.includes(story.status)) return `may not come while the job is ${story.status}`;
  const attempt = rule.bears?.(story) ?? event.attempt;
  if (event.attempt !== attempt) return `bears attempt ${String(event.attempt)}, not ${String(attempt)}`;
  const byOther = rule.byHolder === true && event.worker_name !== story.worker;
  return byOther ? `is told of ${String(event.worker_name)}, but ${String(story.worker)} holds the claim` : null;
}

/** A stage that finished: those that stood behind its older version run again. */
function withStage(story: Story, event: HistoryEvent): { stages: Story['stages']; again: boolean } {
  const stage = String(event.detail['stage']);
  const version = Number(event.detail['version'] ?? 1);
  const again = story.stages.get(stage) === version;
  const stages = story.stages.has(stage) ? stagesBefore(story.stages, stage) : new Map(story.stages);
  return { stages: stages.set(stage, version), again };
}

function stagesBefore(stages: Story['stages'], stage: string): Map<string, number> {
  const names = [...stages.keys()];
  const kept = names.includes(stage) ? names.slice(0, names.indexOf(stage)) : names;
  return new Map([...stages].filter(([name]) => kept.includes(name)));
}

function stagesAfter(story: Story, event: HistoryEvent): Story['stages'] {
  if (event.event !== 'retried') return story.stages;
  if (event.detail['from'] === 'start') return new Map();
  return event.detail['from'] === 'stage' ? stagesBefore(story.stages, String(event.detail['stage'])) : story.stages;
}

export interface Told {
  readonly story: Story;
  /** The rule that was broken, as a sentence about the event; null where all is well. */
  readonly broken: string | null;
  /** A stage finished that had finished before, in the same version. */
  readonly stageAgain: boolean;
}

/** The story with one event more. After a broken rule it goes on from what the event says, so that one fault is told once. */
export function tell(story: Story, event: HistoryEvent): Told {
  const rule = endRule(story, event.event) ?? RULES[event.event];
  if (rule === undefined) return { story, broken: 'is no event of the record', stageAgain: false };
  const broken = isBroken(story, event, rule);
  const { stages, again } =
    event.event === 'stage_finished' ? withStage(story, event) : { stages: stagesAfter(story, event), again: false };
  const at =
    broken === null ? story : { ...story, attempt: event.event === 'claimed' ? event.attempt - 1 : event.attempt };
  const ended = event.event === 'worker_lost' || event.event === 'given_back' ? event.event : null;
  return {
    story: {
      status: rule.to ?? story.status,
      attempt: rule.leaves?.(at, event) ?? at.attempt,
      worker: event.event === 'claimed' ? event.worker_name : story.worker,
      stages,
      ended: rule.to === undefined ? story.ended : ended,
    },
    broken,
    stageAgain: again,
  };
}
