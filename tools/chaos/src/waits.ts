/** What `why` tells of some of the jobs, by the product's own pure function over the record: for the judge to hold against the events. */
import { createTrackingRepository, openDatabase, type TrackingRepository } from '@jobhive/db';
import { explain, type LiveFacts } from '@jobhive/monitor-cli/why';
import type { ToldWaits } from './evidence.ts';

const JOBS_MAX = 2000;
const AT_ONCE = 4;

/** @param jobIds of all jobs; so many of them, evenly spread, are asked about */
export async function readWaits(url: string, jobIds: readonly string[]): Promise<ToldWaits[]> {
  const database = openDatabase({ url, pgbouncer: false, connectionsMax: AT_ONCE, applicationName: 'jobhive-chaos' });
  try {
    const repository = createTrackingRepository(database);
    const every = Math.max(1, Math.ceil(jobIds.length / JOBS_MAX));
    const asked = jobIds.filter((_, n) => n % every === 0);
    const told: ToldWaits[] = [];
    for (let n = 0; n < asked.length; n += AT_ONCE)
      told.push(...(await Promise.all(asked.slice(n, n + AT_ONCE).map((jobId) => waitsOf(repository, jobId)))));
    return told;
  } finally {
    await database.close();
  }
}

async function waitsOf(repository: TrackingRepository, jobId: string): Promise<ToldWaits> {
  const [job, timeline, state] = await Promise.all([
    repository.findJob(jobId),
    repository.timeline(jobId),
    repository.queueStateFacts(),
  ]);
  if (job === undefined) throw new Error(`job ${jobId} is not on record`);
  const from = timeline.find(({ event }) => event === 'queued')?.at;
  const system = from === undefined ? [] : await repository.systemEventsSince(new Date(from));
  const { waits } = explain({ job, timeline, system }, AT_REST, state.now);
  return {
    jobId,
    waits: waits.map((wait) => ({
      fromMs: Date.parse(wait.from),
      toMs: wait.to === null ? null : Date.parse(wait.to),
      ms: wait.ms,
    })),
  };
}

/** Afterwards, when no worker lives and nothing waits. */
const AT_REST: LiveFacts = {
  paused: false,
  redisOk: true,
  workers: { alive: 0, slots: 0, slotsFree: 0, meanMs: null, lastBeatMs: null },
  lastTickMs: 0,
  jobsAhead: 0,
  redisBehind: null,
};
