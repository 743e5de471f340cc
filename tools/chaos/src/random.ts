/** Randomness from a seed, the same on every machine: a 32-bit generator (mulberry32) started from a hash of the seed's words. */
import { createHash } from 'node:crypto';

export interface Random {
  /** At least 0, below 1. */
  next(): number;
  /** A whole number, at least 0, below `below`. */
  whole(below: number): number;
  between(from: number, to: number): number;
  shuffled<T>(list: readonly T[]): T[];
}

export function createRandom(...seed: readonly (string | number)[]): Random {
  let state = createHash('sha256').update(seed.join('/')).digest().readUInt32LE(0);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (below: number): number => Math.floor(next() * below);
  return {
    next,
    whole,
    between: (from, to) => from + next() * (to - from),
    shuffled: (list) =>
      list
        .map((item) => ({ item, at: next() }))
        .sort((a, b) => a.at - b.at)
        .map(({ item }) => item),
  };
}

/** A UUID (its form, version 4) that follows from the words alone. */
export function uuidFrom(...seed: readonly (string | number)[]): string {
  const hex = createHash('sha256').update(seed.join('/')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
