/**
 * Law 1. Exact: every job that a producer was told is accepted has ended (that one which ended as cancelled was to be, is told in
 * as-asked.ts); and nothing is left over in Redis: no id in line, in hands or without a list, no dead letter that the record does not
 * have, none that it has and Redis lacks.
 */
import type { Evidence } from '../evidence.ts';
import type { Story } from '../stories.ts';
import { broken, type Violation } from '../violation.ts';

const ENDS = ['processed', 'failed', 'cancelled'];
/** A worker scores by its own clock before the record's time is known to it; the mending by the record. */
const SCORE_SLACK_MS = 15_000;

export function acceptedIsKept(evidence: Evidence, stories: readonly Story[]): Violation[] {
  const known = new Map(stories.map((story) => [story.jobId, story]));
  const lost = evidence.enqueued.flatMap(({ jobId, answeredMs }) => {
    const status = known.get(jobId)?.row.status ?? 'not on record';
    return ENDS.includes(status) ? [] : [broken(1, `was accepted, and is ${status}`, jobId, answeredMs)];
  });
  return [...lost, ...leftInRedis(evidence), ...deadLetters(evidence, stories)];
}

function leftInRedis({ redis }: Evidence): Violation[] {
  const left = (where: string, ids: readonly string[]): Violation[] =>
    ids.map((id) => broken(1, `is left over in Redis (${where})`, id));
  return [
    ...left('waiting', redis.waiting),
    ...left('active', redis.active),
    ...left('entries', redis.entries),
    ...(redis.whole ? [] : [broken(1, 'Redis was not made whole again')]),
  ];
}

function deadLetters({ redis }: Evidence, stories: readonly Story[]): Violation[] {
  const failed = new Map(stories.filter(({ row }) => row.status === 'failed').map(({ jobId, row }) => [jobId, row]));
  const ghosts = [...redis.deadLetters.keys()].filter((id) => !failed.has(id));
  return [
    ...ghosts.map((id) => broken(1, 'is a dead letter in Redis and has not failed on record', id)),
    ...[...failed].flatMap(([jobId, { finishedMs }]) => {
      const score = redis.deadLetters.get(jobId);
      if (score === undefined) return [broken(1, 'has failed on record and is no dead letter in Redis', jobId)];
      if (Math.abs(score - (finishedMs ?? 0)) <= SCORE_SLACK_MS) return [];
      return [broken(1, `is scored ${String(score)} as a dead letter, and failed at ${String(finishedMs)}`, jobId)];
    }),
  ];
}
