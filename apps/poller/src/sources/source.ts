// The one interface of a source of postings. A source reads and tells; it knows nothing of the database, of the normal
// form of a posting or of the queue. What is told may be anything: posting.ts decides whether it is a posting.
import { ProgramError } from '@jobhive/config';

/** One thing that the source holds, as it stands there, or why it cannot be read. */
export type Entry = EntryAt & ({ readonly raw: unknown } | { readonly problem: string });

interface EntryAt {
  /** Where it stands, in words a person can find it by: `line 17`, `item 3`. */
  readonly place: string;
  /** What it weighs: characters of its text. Bounds what is held at once. */
  readonly size: number;
}

export interface Source {
  /** As the operator named it; the `source` of its jobs. */
  readonly name: string;
  readonly kind: string;
  /**
   * Whether it can be polled at all, as far as that shows without polling: called once, before a poller settles down to
   * wait for it. @throws SourceError
   */
  check(): Promise<void>;
  /**
   * All entries, in the order of the source, as they arrive; stops reading when the caller stops asking.
   * @throws SourceError where the source as a whole cannot be read; what was told before holds
   */
  entries(signal: AbortSignal): AsyncIterable<Entry>;
}

/** A source cannot be read: a file that is not there, a host that does not answer. The message says what to do next. */
export class SourceError extends ProgramError {
  override readonly name: string = 'SourceError';

  constructor(message: string, detail: { readonly cause?: unknown } = {}) {
    super(message, { code: 'source', exitCode: 1, ...detail });
  }
}
