/** Random numbers from a seed: the same seed, the same numbers (mulberry32, by Tommy Ettinger, in the public domain). */
export interface Random {
  /** Whole, from 0 to below. */
  below(bound: number): number;
  pick<T>(from: readonly T[]): T;
  /** May hold one twice. */
  some<T>(from: readonly T[], count: number): T[];
  weighted<T extends readonly [weight: number, ...rest: unknown[]]>(from: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  const pick = <T>(from: readonly T[]): T => {
    const found = from[below(from.length)];
    if (found === undefined) throw new Error('there is nothing to pick from');
    return found;
  };
  return {
    below,
    pick,
    some: (from, count) => Array.from({ length: count }, () => pick(from)),
    weighted: (from) => {
      let left = below(from.reduce((sum, [weight]) => sum + weight, 0));
      const found = from.find(([weight]) => (left -= weight) < 0);
      if (found === undefined) throw new Error('there is nothing to pick from');
      return found;
    },
  };
}
