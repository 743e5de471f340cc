// One poll of one source: entries → postings → jobs → (under auto-enqueue) the queue, summed up in one line. What does
// not fit is told, recorded and costs no other. A source that cannot be read is an outcome of the poll, on record as the
// source's error; a service that is away is thrown, since it is nobody's failure and the poll is simply made again.
// Whatever was inserted before a poll broke off holds: each batch is a transaction of its own.
import { describeError, type Logger, type Metrics } from '@jobhive/config';
import { failureKind, type TrackingRepository } from '@jobhive/db';
import type { JobQueue } from '@jobhive/queue';
import { inBatches } from './batches.ts';
import { isOutage } from './outage.ts';
import { parsePosting, type Posting } from './posting.ts';
import { oneLine } from './print/line.ts';
import type { Entry, Source } from './sources/source.ts';
import { SourceError } from './sources/source.ts';

export interface PollParts {
  readonly repository: Pick<TrackingRepository, 'discover' | 'recordRejected' | 'sourceSucceeded' | 'sourceFailed'>;
  readonly queue: Pick<JobQueue, 'enqueueDiscovered'>;
  readonly metrics: Pick<Metrics, 'pollsTotal' | 'postingsTotal' | 'jobsTotal'>;
  readonly log: Logger;
  /** One line of the answer, on stdout. */
  readonly print: (line: string) => void;
  readonly autoEnqueue: boolean;
}

const KINDS = ['new', 'updated', 'unchanged', 'rejected'] as const;
export type Counts = Record<(typeof KINDS)[number], number>;

export interface Polled {
  readonly source: string;
  readonly counts: Readonly<Counts>;
  /** Why the source could not be read, or not to its end. */
  readonly failure: SourceError | undefined;
}

/** A statement's worth: it has to end within the statement timeout also on a slow disk. */
const BATCH = { countMax: 500, sizeMax: 4 * 1_048_576 };

interface Rejected {
  readonly place: string;
  readonly external_id: string | null;
  readonly reason: string;
}

/**
 * @param nextPollSeconds when the source is polled next, from now, for the record
 * @throws what means that a service is away (isOutage), and the signal's reason once it is aborted
 */
export async function pollSource(
  source: Source,
  parts: PollParts,
  nextPollSeconds: number,
  signal: AbortSignal,
): Promise<Polled> {
  const counts: Counts = { new: 0, updated: 0, unchanged: 0, rejected: 0 };
  parts.log.event('poll.started', { source: source.name });
  try {
    const failure = await takeAll(source, parts, counts, signal);
    await recordOutcome(source, parts, nextPollSeconds, failure);
    if (parts.autoEnqueue) await parts.queue.enqueueDiscovered({ auto: true, signal });
    signal.throwIfAborted();
    return sumUp(source, parts, counts, failure);
  } catch (error) {
    parts.metrics.pollsTotal.inc({ source: source.name, outcome: 'interrupted' });
    throw error;
  }
}

/** @returns why the source failed, if it did */
async function takeAll(
  source: Source,
  parts: PollParts,
  counts: Counts,
  signal: AbortSignal,
): Promise<SourceError | undefined> {
  try {
    for await (const batch of inBatches(source.entries(signal), BATCH)) {
      signal.throwIfAborted();
      await takeBatch(source, parts, batch, counts);
    }
    return undefined;
  } catch (error) {
    if (signal.aborted || isOutage(error)) throw error;
    if (error instanceof SourceError) return error;
    return new SourceError(`the poll failed (${describeError(error).error_name}); LOG_LEVEL=debug shows where`, {
      cause: error,
    });
  }
}

async function takeBatch(source: Source, parts: PollParts, batch: readonly Entry[], counts: Counts): Promise<void> {
  const postings: Posting[] = [];
  const rejected: Rejected[] = [];
  const places = new Map<Posting, string>();
  for (const entry of batch) {
    const parsed = 'raw' in entry ? parsePosting(entry.raw) : { reason: entry.problem, externalId: null };
    if ('posting' in parsed) {
      postings.push(parsed.posting);
      places.set(parsed.posting, entry.place);
    } else rejected.push({ place: entry.place, external_id: parsed.externalId, reason: parsed.reason });
  }
  const refused = await discoverAll(source, parts, postings, counts);
  for (const posting of refused) {
    const place = places.get(posting) ?? '';
    rejected.push({ place, external_id: posting.external_id, reason: 'Postgres refuses its data' });
  }
  await setAside(source, parts, rejected, counts);
}

/** @returns what the database refuses for its data: after such an error the batch is taken one by one */
async function discoverAll(
  source: Source,
  parts: PollParts,
  postings: readonly Posting[],
  counts: Counts,
): Promise<readonly Posting[]> {
  if (postings.length === 0) return [];
  try {
    const answers = await parts.repository.discover({ source: source.name, postings, autoEnqueue: parts.autoEnqueue });
    for (const { kind } of answers) count(source, parts, counts, kind);
    return [];
  } catch (error) {
    if (failureKind(error) !== 'data') throw error;
    if (postings.length === 1) return postings;
    const refused: Posting[] = [];
    for (const posting of postings) refused.push(...(await discoverAll(source, parts, [posting], counts)));
    return refused;
  }
}

async function setAside(
  source: Source,
  parts: PollParts,
  rejected: readonly Rejected[],
  counts: Counts,
): Promise<void> {
  if (rejected.length === 0) return;
  await parts.repository.recordRejected(source.name, rejected);
  for (const { place, reason } of rejected) {
    parts.print(oneLine(`${place}: ${reason}`));
    count(source, parts, counts, 'rejected');
  }
  const places = rejected.slice(0, 5).map(({ place }) => place);
  parts.log.event('poll.rejected', { source: source.name, count: rejected.length, places });
}

function count(source: Source, parts: PollParts, counts: Counts, kind: keyof Counts): void {
  counts[kind] += 1;
  parts.metrics.postingsTotal.inc({ source: source.name, kind });
  if (kind === 'new') parts.metrics.jobsTotal.inc({ status: 'discovered' });
}

async function recordOutcome(
  { name: source }: Source,
  { repository }: PollParts,
  nextPollSeconds: number,
  failure: SourceError | undefined,
): Promise<void> {
  if (failure === undefined) await repository.sourceSucceeded({ source, nextPollSeconds });
  else await repository.sourceFailed({ source, nextPollSeconds, error: failure.message });
}

/** A source of which nothing was read has no sum; its error says all. */
function sumUp(source: Source, parts: PollParts, counts: Counts, failure: SourceError | undefined): Polled {
  const sums = KINDS.map((kind) => `${String(counts[kind])} ${kind}`).join(', ');
  const nothing = KINDS.every((kind) => counts[kind] === 0);
  if (failure === undefined || !nothing) parts.print(oneLine(`${source.name}: ${sums}`));
  const outcome = failure === undefined ? 'succeeded' : 'failed';
  parts.metrics.pollsTotal.inc({ source: source.name, outcome });
  if (failure === undefined) parts.log.event('poll.finished', { source: source.name, ...counts });
  else parts.log.event('poll.failed', { source: source.name, ...counts, ...describeError(failure) });
  return { source: source.name, counts, failure };
}
