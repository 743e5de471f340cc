// migrate: brings the schema up to date; safe from several processes at once. Needs Postgres only.
import { migrate } from '@jobhive/db';
import type { Command } from '../command.ts';

export const migrateCommand: Command = {
  syntax: 'migrate',
  describe: 'bring the database schema up to date',
  examples: [['$0 migrate', 'does nothing where nothing is missing']],
  prepare: () => ({
    needs: { postgres: 'needed', redis: 'unneeded', migrated: false },
    run: async ({ environment, out }) => {
      const applied = await migrate(environment.databaseUrl);
      if (out.json) return out.document({ applied });
      out.lines(applied.length === 0 ? 'The schema is up to date.' : `Applied: ${applied.join(', ')}.`);
    },
  }),
};
