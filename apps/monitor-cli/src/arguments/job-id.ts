// Ids of jobs as people give them: upper case is fine, an id given twice counts once, and a malformed one is wrong usage
// before anything is asked of a store. Whether a job of that id exists is not known here.
import { UsageError } from '@jobhive/config';
import { isJobId, normaliseJobId } from '@jobhive/queue';

const SHOWN_MAX = 60;

export function jobId(text: string | undefined): string {
  if (text === undefined || !isJobId(text)) {
    throw new UsageError(
      `${JSON.stringify((text ?? '').slice(0, SHOWN_MAX))} is no job id; an id looks like 0b8fc9a6-5a3e-4d0c-9a52-3f2f6f0d8a11 (see \`monitor-cli jobs\`)`,
    );
  }
  return normaliseJobId(text);
}

/** In the order given, each once. */
export function jobIds(texts: readonly string[]): string[] {
  return [...new Set(texts.map(jobId))];
}
