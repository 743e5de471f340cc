// Do the two stores agree? Postgres decides; what Redis lacks or has too much is mended by the reconciler of any living
// worker within seconds. So a difference with a living worker is told as a warning (it may be under way), and one that
// nobody is there to mend must be mended.
import { isAway, type DoctorFacts } from '../facts.ts';
import { mend, ok, warn, type Finding } from '../finding.ts';

const CURE = 'run `monitor-cli rebuild`';

export function checkStores({ postgres, redis }: DoctorFacts): readonly Finding[] {
  if (isAway(postgres) || isAway(redis) || postgres.queue === null) return [];
  const { figures, state } = postgres.queue;
  const check = 'stores.agree';
  const differ = (told: string): Finding[] => [
    redis.workers.length > 0 ? warn(check, told, CURE) : mend(check, told, CURE),
  ];
  if (!redis.peek.whole && figures.depth > 0)
    return differ(`Redis was emptied, and ${String(figures.depth)} jobs wait`);
  if (state.redisBehind !== null) return differ('Redis could not be given some of what waits');
  const inRedis = redis.peek.waiting + redis.peek.active;
  const lacking = figures.depth - inRedis;
  if (lacking > 0) return differ(`${String(lacking)} of ${String(figures.depth)} ready jobs are not in Redis`);
  const surplus = redis.peek.waiting - figures.counts.queued - figures.counts.processing;
  if (surplus > 0) return differ(`Redis has ${String(surplus)} entries of jobs that do not wait`);
  const lost = figures.counts.failed - redis.peek.deadLetters;
  if (lost > 0)
    return differ(`${String(lost)} of ${String(figures.counts.failed)} failed jobs are not in Redis' dead letters`);
  if (lost < 0) return differ(`Redis has ${String(-lost)} dead letters of jobs that have not failed`);
  return [ok(check, `${String(figures.depth)} jobs ready, and Redis has them`)];
}
