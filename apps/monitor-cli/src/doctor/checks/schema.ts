// Is the schema the one that this program knows, with all its indexes?
import { isAway, type DoctorFacts } from '../facts.ts';
import { mend, ok, type Finding } from '../finding.ts';

export function checkSchema({ postgres }: DoctorFacts): readonly Finding[] {
  if (isAway(postgres)) return [];
  const { pending, server } = postgres;
  if (pending.length > 0) {
    return [mend('postgres.migrations', `missing: ${pending.join(', ')}`, 'run `monitor-cli migrate`')];
  }
  const missing = server.missingIndexes;
  return [
    ok('postgres.migrations', 'the schema is up to date'),
    missing.length === 0
      ? ok('postgres.indexes', 'all there')
      : mend(
          'postgres.indexes',
          `missing or not valid: ${missing.join(', ')}`,
          'create them as libs/db/migrations does (CREATE INDEX CONCURRENTLY), or REINDEX INDEX CONCURRENTLY those that are not valid',
        ),
  ];
}
