// The line under random sequences of all that changes it, against a model: one entry a job, sorted by place from the head,
// positions right, and nothing pushed into a Redis that is not whole.
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { acknowledge, adoptActive, dropEntries, dropFromActive } from '../../src/delivery/acknowledge.ts';
import { deliver, deliverMissing, putBack, type Delivery } from '../../src/delivery/deliver.ts';
import { peek } from '../../src/delivery/peek.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

const SEED = Number(process.env['JOBHIVE_SEED'] ?? 20261124);
const IDS = 40;

let side: RedisSide;
beforeAll(async () => {
  side = await openRedisSide();
});
beforeEach(() => side.redis.clean());
afterAll(() => side.stop());

/** What Redis should hold. */
class Model {
  whole = true;
  /** Ids, the head first. */
  line: string[] = [];
  active: string[] = [];
  /** The place on record, in Postgres. */
  readonly places = new Map(Array.from({ length: IDS }, (_, i) => [`j${String(i)}`, ((i * 7) % IDS) + 1]));
  /** The place with which each entry stands in Redis. */
  readonly entries = new Map<string, number>();
  private lastPlace = IDS;

  job(jobId: string): Delivery {
    return { jobId, queueSeq: this.places.get(jobId) ?? 0 };
  }

  /** It was cancelled and enqueued again. */
  reenqueue(jobId: string): void {
    this.places.set(jobId, (this.lastPlace += 1));
  }

  deliver(jobIds: readonly string[], mode: 'again' | 'missing' | 'return'): number[] {
    const entered = jobIds.filter((jobId) => {
      const known = this.entries.get(jobId);
      const place = mode === 'return' ? known : this.places.get(jobId);
      const takes = mode !== 'missing' && this.active.includes(jobId);
      const moves = mode !== 'return' && known !== place && this.line.includes(jobId);
      if (place === undefined || !(takes || moves || (known === undefined && mode !== 'return'))) return false;
      this.leave(jobId);
      this.entries.set(jobId, place);
      const at = this.line.findIndex((other) => (this.entries.get(other) ?? 0) > place);
      this.line.splice(at < 0 ? this.line.length : at, 0, jobId);
      return true;
    });
    return jobIds.map((jobId) => (entered.includes(jobId) ? this.line.indexOf(jobId) + 1 : 0));
  }

  take(): void {
    const jobId = this.line.shift();
    if (jobId !== undefined) this.active.unshift(jobId);
  }

  acknowledge(jobId: string): void {
    if (this.active.includes(jobId)) this.leave(jobId);
  }

  private leave(jobId: string): void {
    this.line = this.line.filter((other) => other !== jobId);
    this.active = this.active.filter((other) => other !== jobId);
    this.entries.delete(jobId);
  }
}

type Step = (model: Model) => Promise<void>;

const some = fc.uniqueArray(
  fc.integer({ min: 0, max: IDS - 1 }).map((i) => `j${String(i)}`),
  { minLength: 1, maxLength: 20 },
);
const steps: fc.Arbitrary<{ name: string; step: Step }> = fc.oneof(
  some.map((ids) => ({
    name: `deliver ${ids.join(' ')}`,
    step: async (model: Model) => {
      const answer = await deliver(
        side.store,
        side.keys,
        ids.map((id) => model.job(id)),
      );
      expect(answer).toEqual(model.whole ? model.deliver(ids, 'again') : null);
    },
  })),
  fc.tuple(some, fc.boolean()).map(([ids, needsWhole]) => ({
    name: `deliverMissing ${ids.join(' ')}`,
    step: async (model: Model) => {
      const jobs = ids.map((id) => model.job(id));
      const answer = await deliverMissing(side.store, side.keys, jobs, needsWhole);
      expect(answer).toEqual(needsWhole && !model.whole ? null : model.deliver(ids, 'missing'));
    },
  })),
  some.map((ids) => ({
    name: `putBack ${ids.join(' ')}`,
    step: async (model: Model) => {
      await putBack(side.store, side.keys, ids);
      model.deliver(ids, 'return');
    },
  })),
  fc.constant({
    name: 'take',
    step: async (model: Model) => {
      await side.redis.client.rpoplpush(side.keys.waiting, side.keys.active);
      model.take();
    },
  }),
  some.map((ids) => ({
    name: `acknowledge ${ids.join(' ')}`,
    step: async (model: Model) => {
      const acks = ids.map((jobId) => ({ jobId, finished: false }));
      await acknowledge(side.store, side.keys, acks, 60);
      for (const id of ids) model.acknowledge(id);
    },
  })),
  some.map(([id = 'j0']) => ({
    name: `reenqueue ${id}`,
    step: (model: Model) => Promise.resolve(model.reenqueue(id)),
  })),
  fc.boolean().map((whole) => ({
    name: whole ? 'whole' : 'not whole',
    step: async (model: Model) => {
      model.whole = whole;
      if (whole) await side.redis.client.set(side.keys.whole, '1');
      else await side.redis.client.del(side.keys.whole);
    },
  })),
);

describe('the line', () => {
  it('is as the model says after any sequence of deliveries, takes, returns and acknowledgements', async () => {
    const property = fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 40 }), async (sequence) => {
      await side.redis.clean();
      await side.redis.client.set(side.keys.whole, '1');
      const model = new Model();
      for (const { name, step } of sequence) {
        await step(model);
        expect({ after: name, line: await side.line(), active: await side.active() }).toEqual({
          after: name,
          line: model.line,
          active: model.active,
        });
        const seen = await peek(side.store, side.keys);
        expect(seen.entries).toBe(seen.waiting + seen.active);
        expect(await side.entries()).toEqual(
          Object.fromEntries([...model.entries].map(([id, place]) => [id, String(place)])),
        );
      }
    });
    await fc.assert(property, { seed: SEED, numRuns: 60 });
  });

  it('takes thousands in one call, in order, with their positions', async () => {
    await side.redis.client.set(side.keys.whole, '1');
    const jobs = Array.from({ length: 3500 }, (_, i) => ({ jobId: `k${String(i)}`, queueSeq: i + 1 }));
    expect(await deliver(side.store, side.keys, jobs)).toEqual(jobs.map((job) => job.queueSeq));
    expect(await side.line()).toEqual(jobs.map((job) => job.jobId));
  });

  // By walking to each place, and by taking either end of the line off: which of them, depends on how many go where.
  it.each([
    { what: 'a few in the middle', lacking: (n: number) => n > 1500 && n % 300 === 0 },
    { what: 'many near the head', lacking: (n: number) => n > 40 && n < 1200 },
    { what: 'many near the tail', lacking: (n: number) => n > 2500 && n < 2990 },
    { what: 'every other one', lacking: (n: number) => n % 2 === 1 },
    { what: 'all but the head and the tail', lacking: (n: number) => n > 0 && n < 2999 },
    { what: 'the head and the middle', lacking: (n: number) => n < 500 || (n > 900 && n < 1400) },
  ])('what is missing regains its place between its neighbours: $what', async ({ lacking }) => {
    await side.redis.client.set(side.keys.whole, '1');
    const jobs = Array.from({ length: 3000 }, (_, n) => ({ jobId: `k${String(n)}`, queueSeq: n + 1 }));
    await deliver(
      side.store,
      side.keys,
      jobs.filter((_, n) => !lacking(n)),
    );
    const missing = jobs.filter((_, n) => lacking(n)).slice(0, 1000);
    const inLine = jobs.filter((job, n) => !lacking(n) || missing.includes(job));
    const place = new Map(inLine.map((job, n) => [job, n + 1]));
    const shuffled = missing.toSorted((a, b) => ((a.queueSeq * 7919) % 1009) - ((b.queueSeq * 7919) % 1009));
    for (const order of [missing, shuffled]) {
      expect(await deliver(side.store, side.keys, order)).toEqual(order.map((job) => place.get(job)));
      expect(await side.line()).toEqual(inLine.map((job) => job.jobId));
      await side.redis.client.hdel(side.keys.jobs, ...order.map((job) => job.jobId));
      for (const job of order) await side.redis.client.lrem(side.keys.waiting, 1, job.jobId);
    }
  });

  it('an id that leaves the head in the same call leaves the place to what comes with it', async () => {
    await side.redis.client.set(side.keys.whole, '1');
    const [a, b, m] = [1, 10, 5].map((queueSeq, n) => ({ jobId: 'abm'[n] ?? '', queueSeq })) as [
      Delivery,
      Delivery,
      Delivery,
    ];
    await deliver(side.store, side.keys, [a, b]);
    expect(await deliver(side.store, side.keys, [m, { ...a, queueSeq: 20 }])).toEqual([1, 3]);
    expect(await side.line()).toEqual(['m', 'b', 'a']);
  });

  it('an id named twice under two places has one entry, at the second', async () => {
    await side.redis.client.set(side.keys.whole, '1');
    await deliver(side.store, side.keys, [
      { jobId: 'first', queueSeq: 1 },
      { jobId: 'last', queueSeq: 13 },
    ]);
    const twice = [11, 12].map((queueSeq) => ({ jobId: 'a', queueSeq }));
    expect(await deliver(side.store, side.keys, twice)).toEqual([0, 2]);
    expect(await side.line()).toEqual(['first', 'a', 'last']);
    expect(await side.entries()).toMatchObject({ a: '12' });
  });

  it('an id named twice in one call has one entry', async () => {
    await side.redis.client.set(side.keys.whole, '1');
    const job = { jobId: 'j1', queueSeq: 1 };
    expect(await deliver(side.store, side.keys, [job, job])).toEqual([1, 0]);
  });

  it('an entry that stands in neither list is replaced by a push under a new place', async () => {
    await side.redis.client.set(side.keys.whole, '1');
    await side.redis.client.hset(side.keys.jobs, 'j1', '1');
    expect(await deliver(side.store, side.keys, [{ jobId: 'j1', queueSeq: 2 }])).toEqual([1]);
    expect(await side.line()).toEqual(['j1']);
  });
});

describe('where Redis has lost entries of what stands in its lists', () => {
  beforeEach(async () => {
    await side.redis.client.set(side.keys.whole, '1');
    await side.redis.client.lpush(side.keys.waiting, 'j1', 'j2');
    await side.redis.client.lpush(side.keys.active, 'j0');
  });

  it.each(['j0', 'j1'])('an id is not pushed beside itself, nor what is pushed with it: %s', async (jobId) => {
    const jobs = [
      { jobId: 'j3', queueSeq: 3 },
      { jobId, queueSeq: 1 },
    ];
    expect(await deliver(side.store, side.keys, jobs)).toBeNull();
    expect(await deliverMissing(side.store, side.keys, jobs, false)).toBeNull();
    expect([await side.line(), await side.active()]).toEqual([['j1', 'j2'], ['j0']]);
  });

  it('other ids are pushed, unless so many are to be looked for that Redis would stand still', async () => {
    const jobs = Array.from({ length: 1000 }, (_, i) => ({ jobId: `k${String(i)}`, queueSeq: i + 10 }));
    expect(await deliver(side.store, side.keys, jobs)).toHaveLength(1000);
    expect((await side.line()).slice(0, 3)).toEqual(['j1', 'j2', 'k0']);
    await side.redis.client.lpush(side.keys.waiting, ...Array.from({ length: 4000 }, (_, i) => `l${String(i)}`));
    const more = jobs.map((job) => ({ jobId: `m${job.jobId}`, queueSeq: job.queueSeq + 1000 }));
    expect(await deliver(side.store, side.keys, more)).toBeNull();
    expect(await deliver(side.store, side.keys, more.slice(0, 1))).toEqual([5003]);
  });
});

describe('an acknowledgement', () => {
  it('that comes late does not delete the redelivery', async () => {
    await side.redis.client.set(side.keys.whole, '1');
    const job = { jobId: 'j1', queueSeq: 1 };
    await deliver(side.store, side.keys, [job]);
    await side.redis.client.rpoplpush(side.keys.waiting, side.keys.active);
    await deliver(side.store, side.keys, [job]);
    await acknowledge(side.store, side.keys, [{ jobId: 'j1', finished: true }], 60);
    expect(await side.line()).toEqual(['j1']);
    expect(await side.entries()).toEqual({ j1: '1' });
  });

  it('keeps no history where RQ_RESULT_TTL is 0', async () => {
    await acknowledge(side.store, side.keys, [{ jobId: 'j1', finished: true }], 0);
    expect(await side.redis.client.exists(side.keys.finished)).toBe(0);
  });
});

describe('a repair that looked a moment ago', () => {
  it('deletes only entries that stand in no list now', async () => {
    await side.redis.client.set(side.keys.whole, '1');
    await deliver(side.store, side.keys, [
      { jobId: 'j1', queueSeq: 1 },
      { jobId: 'j2', queueSeq: 2 },
    ]);
    await side.redis.client.rpoplpush(side.keys.waiting, side.keys.active);
    await side.redis.client.hset(side.keys.jobs, 'ghost', '3');
    expect(await dropEntries(side.store, side.keys, ['j1', 'j2', 'ghost', 'nobody'])).toBe(1);
    expect(Object.keys(await side.entries()).sort()).toEqual(['j1', 'j2']);
  });

  it('takes out of hands only what is in hands still', async () => {
    await side.redis.client.set(side.keys.whole, '1');
    await deliver(side.store, side.keys, [{ jobId: 'j1', queueSeq: 1 }]);
    expect(await dropFromActive(side.store, side.keys, ['j1'])).toBe(0);
    expect(await side.entries()).toEqual({ j1: '1' });
  });

  it('gives an id in hands an entry only where it has none', async () => {
    await side.redis.client.lpush(side.keys.active, 'j1', 'j2');
    await side.redis.client.hset(side.keys.jobs, 'j1', '7');
    expect(await adoptActive(side.store, side.keys)).toBe(1);
    expect(await side.entries()).toEqual({ j1: '7', j2: '0' });
  });
});
