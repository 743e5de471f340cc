/**
 * One proof: a run that measures, and says for each figure what was wanted of it. A figure without a bound is told, and not
 * judged.
 */
import type { Bench, BenchOptions } from './bench.ts';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What must hold: `<= 2000`, or `undefined` for a figure that is only told. */
  readonly most?: number;
  readonly least?: number;
}

export interface ProofRun {
  readonly bench: Bench;
  /** A smaller run for the gate. */
  readonly short: boolean;
  /** A line about how far it is. */
  readonly say: (text: string) => void;
}

export interface Proof {
  readonly name: string;
  readonly title: string;
  readonly options: BenchOptions;
  run(run: ProofRun): Promise<readonly Figure[]>;
}

export function holds({ value, most, least }: Figure): boolean {
  return Number.isFinite(value) && (most === undefined || value <= most) && (least === undefined || value >= least);
}
