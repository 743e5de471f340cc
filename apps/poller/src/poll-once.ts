// Every source once, one after the other, whatever the others do. A poll that somebody orders is made now, also where a
// living poller holds the source's lease: inserting is idempotent, and the order was given on purpose.
import { ProgramError } from '@jobhive/config';
import { pollSource, type PollParts, type Polled } from './poll-source.ts';
import type { Source } from './sources/source.ts';

/** Some of the sources failed; one line for each. */
export class PollFailedError extends ProgramError {
  override readonly name: string = 'PollFailedError';
  readonly #lines: readonly string[];

  constructor(failed: readonly Polled[]) {
    const lines = failed.map(({ source, failure }) => `${source} failed: ${failure?.message ?? ''}`);
    super(lines.join('; '), { code: 'poll_failed', exitCode: 1, cause: failed[0]?.failure });
    this.#lines = lines;
  }

  override get lines(): readonly string[] {
    return this.#lines;
  }
}

/** @throws PollFailedError after all were polled; what means that a service is away, at once */
export async function pollOnce(
  sources: readonly Source[],
  parts: PollParts,
  intervalSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  const failed: Polled[] = [];
  for (const source of sources) {
    const polled = await pollSource(source, parts, intervalSeconds, signal);
    if (polled.failure !== undefined) failed.push(polled);
  }
  if (failed.length > 0) throw new PollFailedError(failed);
}
