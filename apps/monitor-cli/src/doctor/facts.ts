// What the checks judge: all that was seen, gathered before any of them runs. A store that could not be asked is told with
// its reason, and the checks that need it say nothing.
import type { Environment } from '@jobhive/config';
import type { Figures, QueueStateFacts, ServerFacts } from '@jobhive/db';
import type { Peek, WorkerRow } from '@jobhive/queue';

export interface PostgresFacts {
  readonly server: ServerFacts;
  /** Names of migrations that are missing. */
  readonly pending: readonly string[];
  /** The server's clock less this machine's. */
  readonly clockAheadMs: number;
  readonly latencyMs: number;
  /** Null where the schema is not there. */
  readonly queue: { readonly state: QueueStateFacts; readonly figures: Figures } | null;
}

export interface RedisFacts {
  readonly version: string;
  readonly memory: Readonly<Record<string, string>>;
  readonly persistence: Readonly<Record<string, string>>;
  readonly clockAheadMs: number;
  /** The middle of several round trips. */
  readonly latencyMs: number;
  readonly workers: readonly WorkerRow[];
  readonly peek: Peek;
}

export interface Away {
  readonly away: string;
}

export interface DoctorFacts {
  readonly environment: Environment;
  readonly postgres: PostgresFacts | Away;
  readonly redis: RedisFacts | Away;
}

export function isAway(facts: PostgresFacts | RedisFacts | Away): facts is Away {
  return 'away' in facts;
}
