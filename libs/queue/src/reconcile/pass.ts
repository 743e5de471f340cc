// Passes over the two stores, a page at a time: what waits in Postgres goes into Redis where it is missing, what stands in
// Redis' line and waits no longer goes out. Each page is one question and one script; run twice they do no harm.
import type { Standing, TrackingRepository } from '@jobhive/db';
import { adoptActive, dropEntries, dropFromLine, lineFromHead } from '../delivery/acknowledge.ts';
import { awaitedOf } from '../delivery/awaited.ts';
import { activeIds } from '../delivery/peek.ts';
import { deliverMissing, type Delivery } from '../delivery/deliver.ts';
import { isJobId } from '../job-id.ts';
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';

export const PAGE = 1000;
/** Walks over the line in which ids that stand in it twice are looked for: one finds them, the next their first places. */
const WALKS_MAX = 4;

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
 * @returns null where Redis is not whole (and `anyway` is false), or has lost entries
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

/**
 * All pages from behind `afterSeq`; `onPage` may end it after any.
 * @returns how many were missing; null where Redis was emptied, or lost entries, meanwhile, or `onPage` ended it
 */
export async function passWholeLine(
  parts: PassParts,
  afterSeq: number,
  options: LineOptions & { onPage?: (delivered: number) => Promise<boolean> },
): Promise<number | null> {
  let delivered = 0;
  for (let after: number | null = afterSeq; after !== null;) {
    const page: PageOfLine | null = await passLine(parts, after, options);
    if (page === null) return null;
    delivered += page.delivered.length;
    if ((await options.onPage?.(delivered)) === false) return null;
    after = page.nextSeq;
  }
  return delivered;
}

/** Ids that are none of ours (another producer may write to the same keys) have no standing. */
function standingsOf(repository: TrackingRepository, ids: readonly string[]): Promise<Map<string, Standing>> {
  return repository.standings(ids.filter(isJobId));
}

/** Drops from the page that begins at `from`. Workers have taken from the head meanwhile: what stood there is nearer to it by now. */
function dropFromPage({ store, keys }: PassParts, from: number, jobIds: readonly string[]): Promise<number> {
  if (jobIds.length === 0) return Promise.resolve(0);
  return dropFromLine(store, keys, { from: Math.max(0, from - PAGE), to: from + PAGE - 1 }, jobIds);
}

/** One page of Redis' line, `from` places from the head: what no longer waits goes out. @returns how many, and the next place */
export async function passRedisLine(parts: PassParts, from: number): Promise<{ dropped: number; next: number | null }> {
  const ids = await lineFromHead(parts.store, parts.keys, from, from + PAGE - 1);
  const standings = await standingsOf(parts.repository, ids);
  const settled = ids.filter((id) => standings.get(id)?.status !== 'queued');
  const dropped = await dropFromPage(parts, from, settled);
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

export interface PageOfActive {
  /** Nobody has claimed it. */
  readonly unclaimed: readonly Delivery[];
  /** Of those: a living worker waits to run it alone. */
  readonly awaited: ReadonlySet<string>;
  /** Nobody waits for it. */
  readonly settled: readonly string[];
  /** Where the next page begins; null at the end. */
  readonly next: number | null;
}

/** One page of what stands in `active`, `from` places from the oldest, sorted by what its row says. */
export async function lookAtActive({ store, keys, repository }: PassParts, from: number): Promise<PageOfActive> {
  const ids = await activeIds(store, keys, from, PAGE);
  const standings = ids.length === 0 ? new Map<string, Standing>() : await standingsOf(repository, ids);
  const unclaimed: Delivery[] = [];
  const settled: string[] = [];
  for (const id of ids) {
    const standing = standings.get(id);
    if (standing?.status === 'processing') continue;
    if (standing?.ready === true) unclaimed.push({ jobId: id, queueSeq: standing.queueSeq });
    else settled.push(id);
  }
  const awaited = await awaitedOf(
    store,
    keys,
    unclaimed.map((job) => job.jobId),
  );
  return { unclaimed, awaited, settled, next: ids.length < PAGE ? null : from + PAGE };
}

/**
 * What only half of Redis knows: an entry that stands in neither list (nothing would ever deliver it, and no push would replace
 * it) goes; an id in line without its entry goes too, and comes back at its place with the pass over what waits, as does one
 * that stands in line twice; one in hands is given an entry again. @returns how many there were
 */
export async function dropGhosts(parts: PassParts): Promise<number> {
  let ghosts = 0;
  for (let walks = 1; ; walks += 1) {
    const { listed, dropped, twice } = await dropFromWholeLine(parts);
    ghosts += dropped;
    if (!twice || walks === WALKS_MAX) return ghosts + (await dropUnlisted(parts, listed));
  }
}

/**
 * Walks over the line: ids without an entry go, and what the walk meets a second time; that takes the entry of the first
 * place away, too, so that the next walk drops it.
 */
async function dropFromWholeLine(
  parts: PassParts,
): Promise<{ listed: ReadonlySet<string>; dropped: number; twice: boolean }> {
  const { store, keys } = parts;
  let dropped = await adoptActive(store, keys);
  let twice = false;
  const listed = new Set<string>(await store.run((client) => client.lrange(keys.active, 0, -1)));
  const isGhost = (id: string, entry: string | null | undefined): boolean => {
    const again = listed.has(id);
    listed.add(id);
    twice ||= again;
    return again || entry === null;
  };
  for (let from: number | null = 0; from !== null;) {
    const ids = await lineFromHead(store, keys, from, from + PAGE - 1);
    const entries = ids.length === 0 ? [] : await store.run((client) => client.hmget(keys.jobs, ...ids));
    const gone = await dropFromPage(
      parts,
      from,
      ids.filter((id, i) => isGhost(id, entries[i])),
    );
    dropped += gone;
    from = ids.length < PAGE ? null : from + PAGE - gone;
  }
  return { listed, dropped, twice };
}

async function dropUnlisted({ store, keys }: PassParts, listed: ReadonlySet<string>): Promise<number> {
  let dropped = 0;
  for (let cursor = '0'; ;) {
    const [next, fields] = await store.run((client) => client.hscan(keys.jobs, cursor, 'COUNT', PAGE));
    const gone = fields.filter((_, i) => i % 2 === 0).filter((id) => !listed.has(id));
    dropped += await dropEntries(store, keys, gone);
    cursor = next;
    if (cursor === '0') return dropped;
  }
}
