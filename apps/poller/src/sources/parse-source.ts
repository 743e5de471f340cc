// What the operator wrote → a source. The one list of the kinds there are. Looks at words only: whether a file is there
// shows when it is read.
import { UsageError } from '@jobhive/config';
import { fileSource } from './file.ts';
import type { Source } from './source.ts';

/** `source` and `external_id` together are a key of the database, whose length is bounded. */
const NAME_CHARACTERS_MAX = 500;

interface Kind {
  readonly argument: string;
  readonly make: (name: string, argument: string) => Source;
}

const KINDS: ReadonlyMap<string, Kind> = new Map([['file', { argument: 'PATH', make: fileSource }]]);

/** The forms that a source may have, for a person. */
export const SOURCE_FORMS: string = [...KINDS].map(([kind, { argument }]) => `${kind}:${argument}`).join(', ');

/** @throws UsageError for an unknown kind, a missing argument, or a name longer than 500 characters */
export function parseSource(spec: string): Source {
  const name = spec.trim();
  const colon = name.indexOf(':');
  const kindName = colon < 0 ? name : name.slice(0, colon);
  const argument = colon < 0 ? '' : name.slice(colon + 1);
  const kind = KINDS.get(kindName);
  const shown = JSON.stringify(name.slice(0, 100));
  if (kind === undefined) {
    throw new UsageError(`the source ${shown} is of no known kind; a source is one of ${SOURCE_FORMS}`);
  }
  if (argument.trim() === '') {
    throw new UsageError(`the source ${shown} lacks its ${kind.argument}; write ${kindName}:${kind.argument}`);
  }
  if (name.length > NAME_CHARACTERS_MAX) {
    throw new UsageError(`the source ${shown}… is longer than ${String(NAME_CHARACTERS_MAX)} characters; shorten it`);
  }
  return kind.make(name, argument);
}

/** Each source once, in the order of its first mention. */
export function parseSources(specs: readonly string[]): readonly Source[] {
  const sources = specs.map(parseSource);
  return [...new Map(sources.map((source) => [source.name, source])).values()];
}
