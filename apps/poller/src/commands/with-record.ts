// The record for one command that only reads it: Postgres alone, closed again whatever happens.
import type { Environment } from '@jobhive/config';
import { createTrackingRepository, openDatabase, type TrackingRepository } from '@jobhive/db';

export async function withRecord<T>(
  { databaseUrl, pgbouncer }: Environment,
  read: (repository: TrackingRepository) => Promise<T>,
): Promise<T> {
  const database = openDatabase({ url: databaseUrl, pgbouncer, connectionsMax: 1, applicationName: 'jobhive-poller' });
  try {
    return await read(createTrackingRepository(database));
  } finally {
    await database.close();
  }
}
