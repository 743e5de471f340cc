// `poller rejected`: what was set aside, where it stands in its source, and why; newest first.
import { table } from '../print/table.ts';
import type { CommandParts } from '../run-command.ts';
import { withRecord } from './with-record.ts';

export async function listRejected(
  { environment, print }: CommandParts,
  { json, limit }: { readonly json: boolean; readonly limit: number },
): Promise<void> {
  const rows = await withRecord(environment, (repository) => repository.rejectedPostings(limit));
  if (json) return print(JSON.stringify(rows));
  const cells = rows.map((row) => [row.source, row.place, row.external_id ?? '-', row.reason, row.at]);
  print(table(['SOURCE', 'PLACE', 'EXTERNAL ID', 'REASON', 'AT'], cells, 'nothing was set aside'));
}
