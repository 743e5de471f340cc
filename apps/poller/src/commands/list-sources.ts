// `poller sources`: each source that was ever polled or is configured, its last success, its next poll, its last error.
import type { SourceState } from '@jobhive/db';
import { table } from '../print/table.ts';
import type { CommandParts } from '../run-command.ts';
import { defaultSources } from '../sources/default-sources.ts';
import { withRecord } from './with-record.ts';

/** A row of `poller sources --json`. */
export interface SourceRow {
  readonly source: string;
  readonly last_success: string | null;
  readonly next_poll: string | null;
  /** Whether polls are let through; a file has nothing that could be spared them. */
  readonly circuit: 'closed' | 'open';
  readonly error: string | null;
}

export async function listSources(
  { environment, print }: CommandParts,
  { json }: { readonly json: boolean },
): Promise<void> {
  const known = await withRecord(environment, (repository) => repository.sourceStates());
  const rows = sourceRows(known, environment.pollSources ?? defaultSources());
  print(json ? JSON.stringify(rows) : shown(rows));
}

/** What is on record, and behind it what is configured and was never polled. Pure. */
export function sourceRows(known: readonly SourceState[], configured: readonly string[]): readonly SourceRow[] {
  const polled = known.map((state): SourceRow => ({
    source: state.source,
    last_success: state.lastSuccess?.toISOString() ?? null,
    next_poll: state.nextPoll?.toISOString() ?? null,
    circuit: 'closed',
    error: state.error,
  }));
  const names = new Set(polled.map(({ source }) => source));
  const fresh = [...new Set(configured)].filter((source) => !names.has(source));
  const never = { last_success: null, next_poll: null, circuit: 'closed', error: null } as const;
  return [...polled, ...fresh.map((source): SourceRow => ({ source, ...never }))];
}

function shown(rows: readonly SourceRow[]): string {
  const cells = rows.map((row) => [
    row.source,
    row.last_success ?? 'never',
    row.next_poll ?? '-',
    row.circuit,
    row.error ?? '-',
  ]);
  return table(['SOURCE', 'LAST SUCCESS', 'NEXT POLL', 'CIRCUIT', 'ERROR'], cells, 'no source was polled yet');
}
