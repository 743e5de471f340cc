// `file:PATH`: one JSON array or NDJSON, read as a stream. UTF-8, with or without a byte-order mark; bytes that are none
// become U+FFFD. Memory does not grow with the file. A bad line or item is told and costs no other; only a file that
// cannot be read is an error.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { readEntry } from './read-entry.ts';
import { SourceError, type Entry, type Source } from './source.ts';
import { TextSplitter } from './split-text.ts';

/** A description at its bound of 1 MiB, every character of it written as an escape, and the rest of the posting. */
export const ENTRY_CHARACTERS_MAX = 8 * 1_048_576;

/** @param path from the working directory */
export function fileSource(name: string, path: string): Source {
  return {
    name,
    kind: 'file',
    check: async () => {
      try {
        await (await open(path)).close();
      } catch (error) {
        throw unreadable(path, error);
      }
    },
    entries: (signal) => fileEntries(path, signal),
  };
}

async function* fileEntries(path: string, signal: AbortSignal): AsyncGenerator<Entry> {
  const splitter = new TextSplitter(ENTRY_CHARACTERS_MAX);
  const decoder = new TextDecoder(); // drops a byte-order mark at the beginning
  try {
    const stream = createReadStream(path, { signal });
    // A stream without an encoding gives Buffers; its type leaves that open.
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      yield* entriesOf(splitter.push(decoder.decode(chunk, { stream: true })));
    }
  } catch (error) {
    signal.throwIfAborted();
    throw unreadable(path, error);
  }
  yield* entriesOf(splitter.push(decoder.decode()));
  yield* entriesOf(splitter.end());
}

function* entriesOf(pieces: ReturnType<TextSplitter['push']>): Generator<Entry> {
  for (const piece of pieces) yield readEntry(piece, ENTRY_CHARACTERS_MAX);
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not read it',
};

function unreadable(path: string, error: unknown): SourceError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const cause = CAUSES[code] ?? `it cannot be read (${code})`;
  return new SourceError(`${path}: ${cause}; correct --source or POLL_SOURCES, from the working directory`, {
    cause: error,
  });
}
