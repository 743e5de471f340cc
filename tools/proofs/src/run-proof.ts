/** Runs one proof on servers of its own; whatever comes of it, everything it started is gone afterwards. */
import { openBench } from './bench.ts';
import type { Figure, Proof } from './proof.ts';

export interface RunOptions {
  readonly short: boolean;
  readonly say: (text: string) => void;
}

export async function runProof(proof: Proof, { short, say }: RunOptions): Promise<readonly Figure[]> {
  const bench = await openBench(proof.options);
  try {
    return await proof.run({ bench, short, say });
  } finally {
    await bench.stop();
  }
}
