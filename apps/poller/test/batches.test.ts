import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inBatches } from '../src/batches.ts';

async function* arriving<T>(things: readonly T[], seen: T[] = []): AsyncGenerator<T> {
  for (const thing of things) {
    seen.push(thing);
    yield await Promise.resolve(thing);
  }
}

async function collected<T>(things: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const thing of things) all.push(thing);
  return all;
}

describe('batches', () => {
  it('are bounded in number and size, lose nothing and keep the order', async () => {
    const sizes = fc.array(fc.nat(20), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 50 }),
        async (all, countMax, sizeMax) => {
          const things = all.map((size, at) => ({ size, at }));
          const batches = await collected(inBatches(arriving(things), { countMax, sizeMax }));
          expect(batches.flat()).toEqual(things);
          for (const batch of batches) {
            expect(batch.length).toBeGreaterThan(0);
            expect(batch.length).toBeLessThanOrEqual(countMax);
            expect(batch.slice(0, -1).reduce((sum, { size }) => sum + size, 0)).toBeLessThan(sizeMax);
          }
        },
      ),
    );
  });

  it('are handed on as soon as they are full', async () => {
    const seen: { size: number }[] = [];
    const batches = inBatches(arriving([{ size: 1 }, { size: 1 }, { size: 1 }], seen), { countMax: 2, sizeMax: 9 });
    await batches.next();
    expect(seen).toHaveLength(2);
    await batches.return(undefined);
  });

  it('hand on what arrived before a failure, then the failure', async () => {
    const failing = async function* () {
      yield await Promise.resolve({ size: 1 });
      throw new Error('cut');
    };
    const batches = inBatches(failing(), { countMax: 2, sizeMax: 9 });
    expect(await batches.next()).toEqual({ done: false, value: [{ size: 1 }] });
    await expect(batches.next()).rejects.toThrow('cut');
  });
});
