// Random choices that come from one seed: what a run did can be done again. Set JOBHIVE_SEED to repeat one.

export interface Random {
  readonly seed: number;
  /** 0 ≤ x < 1 */
  next(): number;
  below(n: number): number;
  pick<T>(from: readonly T[]): T;
  /** `count` of them at the most, in random order. */
  some<T>(from: readonly T[], countMax: number): T[];
}

/** A counter, hashed to 32 bits at each draw: neighbouring draws have nothing to do with each other. */
export function seeded(fallback: number): Random {
  const seed = Number(process.env['JOBHIVE_SEED'] ?? fallback);
  let count = seed >>> 0;
  const next = (): number => {
    count = (count + 0x9e3779b9) >>> 0;
    let hash = Math.imul(count ^ (count >>> 16), 0x21f0aaad);
    hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
    return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(next() * n);
  const pick = <T>(from: readonly T[]): T => {
    const found = from[below(from.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  };
  const some = <T>(from: readonly T[], countMax: number): T[] => {
    const left = [...from];
    const count = Math.min(left.length, 1 + below(countMax));
    return Array.from({ length: count }, () => left.splice(below(left.length), 1)).flat();
  };
  return { seed, next, below, pick, some };
}
