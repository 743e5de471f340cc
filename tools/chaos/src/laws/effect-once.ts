/**
 * Law 3. Exact: a stage is recorded once; no stage begins under a claim that finds it on record, or after that claim has
 * recorded it; a processed job has every stage, each of which saw the outputs on record of those before it; the document is
 * there exactly where its stage is on record, with that run's nonce; an effect key belongs to one stage of one job, in every
 * attempt. Two things are allowed, both of a job that its last worker left behind, and nobody will claim again: a document
 * that was not renamed, and unfinished ones.
 */
import type { Evidence } from '../evidence.ts';
import type { Story } from '../stories.ts';
import { broken, type Violation } from '../violation.ts';
import { within } from './one-writer.ts';

const WRITES = 'write';

export function effectOnce(evidence: Evidence, stories: readonly Story[]): Violation[] {
  const known = new Set(stories.map(({ jobId }) => jobId));
  const foreign = [...evidence.documents.keys()].filter((jobId) => !known.has(jobId));
  return [
    ...stories.flatMap((story) => [
      ...recordedOnce(story),
      ...runAgain(story),
      ...complete(evidence, story),
      ...document(evidence, story),
      ...leftover(evidence, story),
    ]),
    ...keys(stories),
    ...[...foreign, ...evidence.strangers].map((name) => broken(3, `a document of nobody: ${name}`)),
  ];
}

const finishedOf = ({ claims }: Story) => claims.flatMap(({ finished }) => finished);

function recordedOnce(story: Story): Violation[] {
  const finished = finishedOf(story);
  const again = finished.filter(({ stage }, n) => finished.findIndex((first) => first.stage === stage) < n);
  return again.map(({ stage, atMs }) => broken(3, `${stage ?? 'a stage'} was recorded twice`, story.jobId, atMs));
}

function runAgain(story: Story): Violation[] {
  const recordedMs = new Map(finishedOf(story).map(({ stage = '', atMs }) => [stage, atMs]));
  return story.ledger.flatMap((line) => {
    const doneMs = recordedMs.get(line.stage);
    if (line.what !== 'start' || doneMs === undefined || line.at <= doneMs) return [];
    const claim = story.claims.find((one) => within(one, line));
    const again = claim !== undefined && claim.toMs > doneMs;
    return again
      ? [broken(3, `${line.stage} was run again by ${line.worker}, though finished`, story.jobId, line.at)]
      : [];
  });
}

function complete({ stages }: Evidence, { row, jobId }: Story): Violation[] {
  const saw: string[] = [];
  return stages.flatMap((stage) => {
    const output = row.stageOutputs[stage]?.output;
    if (output === undefined || output === null)
      return row.status === 'processed' ? [broken(3, `is processed without ${stage}`, jobId)] : [];
    const right = output.saw.join() === saw.join();
    saw.push(output.nonce);
    return right ? [] : [broken(3, `${stage} saw other outputs than those on record`, jobId)];
  });
}

function leftBehind({ claims }: Story): boolean {
  return claims.at(-1)?.end?.event === 'worker_lost';
}

function document({ documents }: Evidence, story: Story): Violation[] {
  const { jobId, row } = story;
  const text = documents.get(jobId);
  const nonce = row.stageOutputs[WRITES]?.output?.nonce;
  if (text === nonce) return [];
  if (nonce === undefined) return [broken(3, 'has a document, and no record of it', jobId)];
  if (text === undefined) return leftBehind(story) ? [] : [broken(3, 'has no document, though it is on record', jobId)];
  return [broken(3, 'has the document of another run than the one on record', jobId)];
}

/** Where a claim was lost, what its thread still wrote stays until the next claim, if there is one. */
function leftover({ leftovers }: Evidence, story: Story): Violation[] {
  if (!leftovers.includes(story.jobId)) return [];
  const lost = story.claims.some(({ end }) => end?.event === 'worker_lost');
  return lost ? [] : [broken(3, 'has unfinished documents left over', story.jobId)];
}

function keys(stories: readonly Story[]): Violation[] {
  const owners = new Map<string, string>();
  const wrong: Violation[] = [];
  for (const { jobId, ledger } of stories) {
    const mine = new Map<string, string>();
    for (const { stage, key, at } of ledger) {
      const owner = `${jobId} ${stage}`;
      if ((mine.get(stage) ?? key) !== key) wrong.push(broken(3, `${stage} was given two effect keys`, jobId, at));
      if ((owners.get(key) ?? owner) !== owner)
        wrong.push(broken(3, `the effect key of ${stage} is another's too`, jobId, at));
      mine.set(stage, key);
      owners.set(key, owner);
    }
  }
  return wrong;
}
