// The dead-letter queue in Redis: a sorted set, id by time of failure in ms, made and mended from Postgres, which decides
// what has failed. An add that races a retry leaves a ghost; mend() finds it.
import type { DeadLetterScore, TrackingRepository } from '@jobhive/db';
import { isJobId } from '../job-id.ts';
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';

const PAGE = 1000;

export interface DeadLetterSet {
  /** A later failure of the same job takes the earlier one's place. @returns how many were not there */
  add(letters: readonly DeadLetterScore[]): Promise<number>;
  remove(jobIds: readonly string[]): Promise<number>;
  /** Compares one page each way from where the last call ended; the end of both is the start again. */
  mendPage(): Promise<{ missing: number; ghosts: number }>;
  /** Compares all of it. */
  mendAll(): Promise<{ missing: number; ghosts: number }>;
}

export function createDeadLetterSet(store: RedisStore, keys: Keys, repository: TrackingRepository): DeadLetterSet {
  let after: DeadLetterScore | undefined;
  let offset = 0;

  const add = async (letters: readonly DeadLetterScore[]): Promise<number> => {
    if (letters.length === 0) return 0;
    const members = letters.flatMap(({ jobId, score }) => [score, jobId]);
    return Number(await store.run((client) => client.zadd(keys.failed, ...members)));
  };
  const remove = async (jobIds: readonly string[]): Promise<number> => {
    if (jobIds.length === 0) return 0;
    return await store.run((client) => client.zrem(keys.failed, ...jobIds));
  };
  const addPage = async (): Promise<{ missing: number; end: boolean }> => {
    const page = await repository.deadLetterScores(PAGE, after);
    after = page.length < PAGE ? undefined : page.at(-1);
    return { missing: await add(page), end: after === undefined };
  };
  const removePage = async (): Promise<{ ghosts: number; end: boolean }> => {
    const ids = await store.run((client) => client.zrange(keys.failed, String(offset), String(offset + PAGE - 1)));
    const failed = new Set((await repository.deadLetterScoresOf(ids.filter(isJobId))).map((letter) => letter.jobId));
    const ghosts = await remove(ids.filter((id) => !failed.has(id)));
    const end = ids.length < PAGE;
    offset = end ? 0 : offset + PAGE - ghosts;
    return { ghosts, end };
  };
  return {
    add,
    remove,
    mendPage: async () => {
      const { missing } = await addPage();
      const { ghosts } = await removePage();
      return { missing, ghosts };
    },
    mendAll: async () => {
      after = undefined;
      offset = 0;
      const all = { missing: 0, ghosts: 0 };
      for (let end = false; !end;) {
        const page = await addPage();
        all.missing += page.missing;
        end = page.end;
      }
      for (let end = false; !end;) {
        const page = await removePage();
        all.ghosts += page.ghosts;
        end = page.end;
      }
      return all;
    },
  };
}
