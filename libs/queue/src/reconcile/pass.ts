// Passes over the two stores, a page at a time: what waits in Postgres goes into Redis where it is missing, what stands in
// Redis' line and waits no longer goes out. Each page is one question and one script; run twice they do no harm.
import type { Standing, TrackingRepository } from '@jobhive/db';
import { adoptActive, dropAtHead, dropEntries, lineFromHead } from '../delivery/acknowledge.ts';
import { activeIds } from '../delivery/peek.ts';
import { deliverMissing, type Delivery } from '../delivery/deliver.ts';
import { isJobId } from '../job-id.ts';
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';

export const PAGE = 1000;
const ACTIVE_MAX = 1000;

export interface PassParts {
  readonly store: RedisStore;
  readonly keys: Keys;
  readonly repository: TrackingRepository;
}

export interface LineOptions {
  /** Into a Redis that is not whole: a rebuild. */
  readonly anyway: boolean;
  /** Leaves out what was queued more recently: it may be on its way. */
  readonly minAgeMs: number;
  readonly reason: string;
  /** Ids whose delivery is no repair, for they are being pushed for the first time. */
  readonly untold?: ReadonlySet<string> | undefined;
}

export interface PageOfLine {
  /** Ids that were missing and are in line now. */
  readonly delivered: readonly string[];
  /** Where the next page begins; null at the end. */
  readonly nextSeq: number | null;
}

/**
 * One page of what waits in Postgres, behind `afterSeq`.
 * @returns null where Redis is not whole and `anyway` is false
 */
export async function passLine(
  { store, keys, repository }: PassParts,
  afterSeq: number,
  options: LineOptions,
): Promise<PageOfLine | null> {
  const page: Delivery[] = await repository.waitingPage(afterSeq, PAGE, options.minAgeMs);
  const positions = await deliverMissing(store, keys, page, !options.anyway);
  if (positions === null) return null;
  const delivered = page.filter((_, i) => positions[i] !== 0).map((job) => job.jobId);
  await repository.markDelivered(
    delivered.filter((id) => options.untold?.has(id) !== true),
    options.reason,
  );
  return { delivered, nextSeq: page.length < PAGE ? null : (page.at(-1)?.queueSeq ?? null) };
}

/** All pages from behind `afterSeq`. @returns how many were missing; null where Redis was emptied meanwhile */
export async function passWholeLine(
  parts: PassParts,
  afterSeq: number,
  options: LineOptions & { onPage?: (delivered: number) => Promise<void> | void },
): Promise<number | null> {
  let delivered = 0;
  for (let after: number | null = afterSeq; after !== null;) {
    const page: PageOfLine | null = await passLine(parts, after, options);
    if (page === null) return null;
    delivered += page.delivered.length;
    await options.onPage?.(delivered);
    after = page.nextSeq;
  }
  return delivered;
}

/** Ids that are none of ours (another producer may write to the same keys) have no standing. */
function standingsOf(repository: TrackingRepository, ids: readonly string[]): Promise<Map<string, Standing>> {
  return repository.standings(ids.filter(isJobId));
}

/** One page of Redis' line, `from` places from the head: what no longer waits goes out. @returns how many, and the next place */
export async function passRedisLine(
  { store, keys, repository }: PassParts,
  from: number,
): Promise<{ dropped: number; next: number | null }> {
  const ids = await lineFromHead(store, keys, from, from + PAGE - 1);
  const standings = await standingsOf(repository, ids);
  const settled = ids.filter((id) => standings.get(id)?.status !== 'queued');
  const dropped = settled.length === 0 ? 0 : await dropAtHead(store, keys, from + PAGE, settled);
  return { dropped, next: ids.length < PAGE ? null : from + PAGE - dropped };
}

export async function passWholeRedisLine(parts: PassParts): Promise<number> {
  let dropped = 0;
  for (let from: number | null = 0; from !== null;) {
    const page: { dropped: number; next: number | null } = await passRedisLine(parts, from);
    dropped += page.dropped;
    from = page.next;
  }
  return dropped;
}

/** What stands in `active`, sorted by what its row says: nobody claimed it, or nobody waits for it. */
export async function lookAtActive({
  store,
  keys,
  repository,
}: PassParts): Promise<{ unclaimed: Delivery[]; settled: string[] }> {
  const ids = await activeIds(store, keys, ACTIVE_MAX);
  if (ids.length === 0) return { unclaimed: [], settled: [] };
  const standings = await standingsOf(repository, ids);
  const unclaimed: Delivery[] = [];
  const settled: string[] = [];
  for (const id of ids) {
    const standing = standings.get(id);
    if (standing?.status === 'processing') continue;
    if (standing?.ready === true) unclaimed.push({ jobId: id, queueSeq: standing.queueSeq });
    else settled.push(id);
  }
  return { unclaimed, settled };
}

/**
 * What only half of Redis knows: an entry that stands in neither list (nothing would ever deliver it, and no push would replace
 * it) goes; an id in line without its entry goes too, and comes back at its place with the pass over what waits; one in
 * hands is given an entry again. @returns how many there were
 */
export async function dropGhosts(parts: PassParts): Promise<number> {
  const { store, keys } = parts;
  let ghosts = await adoptActive(store, keys);
  const listed = new Set<string>(await store.run((client) => client.lrange(keys.active, 0, -1)));
  for (let from: number | null = 0; from !== null;) {
    const page: { ids: string[]; dropped: number; next: number | null } = await dropBareIds(parts, from);
    for (const id of page.ids) listed.add(id);
    ghosts += page.dropped;
    from = page.next;
  }
  for (let cursor = '0'; ;) {
    const [next, fields] = await store.run((client) => client.hscan(keys.jobs, cursor, 'COUNT', PAGE));
    const gone = fields.filter((_, i) => i % 2 === 0).filter((id) => !listed.has(id));
    ghosts += await dropEntries(store, keys, gone);
    cursor = next;
    if (cursor === '0') return ghosts;
  }
}

/** One page of Redis' line, `from` places from the head: ids without an entry go. */
async function dropBareIds(
  { store, keys }: PassParts,
  from: number,
): Promise<{ ids: string[]; dropped: number; next: number | null }> {
  const ids = await lineFromHead(store, keys, from, from + PAGE - 1);
  const entries = ids.length === 0 ? [] : await store.run((client) => client.hmget(keys.jobs, ...ids));
  const bare = ids.filter((_, i) => entries[i] === null);
  const dropped = bare.length === 0 ? 0 : await dropAtHead(store, keys, from + PAGE, bare);
  return { ids, dropped, next: ids.length < PAGE ? null : from + PAGE - dropped };
}
