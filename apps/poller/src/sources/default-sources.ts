// What is polled when nobody says: the sample postings, as they lie in a clone or in the image.
import { existsSync } from 'node:fs';

const IN_A_CLONE = 'tools/samples/postings.ndjson';
const IN_THE_IMAGE = 'samples/postings.ndjson';

/** The first that is there, from the working directory; the first, where none is, so that its poll says so. */
export function defaultSources(exists: (path: string) => boolean = existsSync): readonly string[] {
  const found = [IN_A_CLONE, IN_THE_IMAGE].find((path) => exists(path));
  return [`file:${found ?? IN_A_CLONE}`];
}
