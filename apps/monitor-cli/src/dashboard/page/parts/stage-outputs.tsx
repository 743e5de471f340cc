// What the stages gave, each closed until it is looked at.
import type { JSX } from 'preact';
import { duration } from '../../../print/duration.ts';
import type { JobDocument } from '../api/documents.ts';

/** A checkpoint as far as it is shown: it comes as `unknown`, and may have been written by an older version. */
interface Checkpoint {
  readonly output: unknown;
  readonly attempt: number | null;
  readonly durationMs: number | null;
}

function checkpointOf(value: unknown): Checkpoint {
  const field = (name: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  const [attempt, durationMs] = [field('attempt'), field('duration_ms')];
  return {
    output: field('output') ?? null,
    attempt: typeof attempt === 'number' ? attempt : null,
    durationMs: typeof durationMs === 'number' ? durationMs : null,
  };
}

export function StageOutputs({ outputs }: { readonly outputs: JobDocument['stage_outputs'] }): JSX.Element {
  return (
    <div class="stages">
      {Object.entries(outputs).map(([name, value]) => {
        const { output, attempt, durationMs } = checkpointOf(value);
        return (
          <details key={name}>
            <summary>
              <strong>{name}</strong>
              <span class="muted">
                {durationMs === null ? '' : ` ${duration(durationMs)}`}
                {attempt === null ? '' : ` · attempt ${String(attempt)}`}
              </span>
            </summary>
            <pre tabIndex={0}>{JSON.stringify(output, undefined, 2)}</pre>
          </details>
        );
      })}
    </div>
  );
}
