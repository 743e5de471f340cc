/** A stage's output as JSON text, or a PermanentError: trying again would bring the same. `undefined` is null. */
import { PermanentError } from '../pipeline/errors.ts';

export const OUTPUT_BYTES_MAX = 1024 * 1024;

export function outputJson(output: unknown): string {
  const json = output === undefined ? 'null' : stringify(output);
  if (json === undefined) throw new PermanentError(`the stage returned a ${typeof output}, which is no JSON`);
  if (json.length * 3 > OUTPUT_BYTES_MAX && Buffer.byteLength(json) > OUTPUT_BYTES_MAX) {
    const bytes = Buffer.byteLength(json);
    throw new PermanentError(
      `the stage returned ${String(bytes)} bytes of JSON; at most ${String(OUTPUT_BYTES_MAX)} are kept: write a file instead`,
    );
  }
  return json;
}

/** undefined where JSON has no word for it. */
function stringify(output: unknown): string | undefined {
  try {
    // Its declared type hides that functions and symbols give undefined.
    return JSON.stringify(output);
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : 'its toJSON throws';
    throw new PermanentError(`the stage returned what is no JSON: ${reason}`, { cause: error });
  }
}
