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

/** xorshift over 32 bits: enough for a choice of steps. */
export function seeded(fallback: number): Random {
  const seed = Number(process.env['JOBHIVE_SEED'] ?? fallback);
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
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
