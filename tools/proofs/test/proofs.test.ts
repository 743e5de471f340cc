import { describe, expect, it } from 'vitest';
import { holds } from '../src/proof.ts';
import { proofs } from '../src/proofs/index.ts';
import { runProof } from '../src/run-proof.ts';

/** What takes long even when short, or measures a rate, which a busy machine may spoil, is run by hand. */
const BY_HAND = new Set(['deploys', 'redis-restart', 'memory', 'dashboard', 'notices']);

describe('the short proofs', () => {
  it.each(proofs.filter(({ name }) => !BY_HAND.has(name)))('$name: $title', async (proof) => {
    const said: string[] = [];
    const figures = await runProof(proof, { short: true, say: (text) => said.push(text) });
    expect(
      figures.filter((figure) => !holds(figure)),
      said.join('\n'),
    ).toEqual([]);
  });
});

describe('holds', () => {
  it.each([
    [{ value: 5, most: 5 }, true],
    [{ value: 6, most: 5 }, false],
    [{ value: 5, least: 5 }, true],
    [{ value: 4, least: 5 }, false],
    [{ value: Infinity, least: 5 }, false],
    [{ value: NaN }, false],
    [{ value: 7 }, true],
  ])('%o: %s', (figure, expected) => {
    expect(holds({ name: 'a figure', unit: '', ...figure })).toBe(expected);
  });
});
