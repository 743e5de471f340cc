/** What happens to Postgres: stopped as by a crash and started again, its backends terminated, made read-only for a while. */
import { setTimeout as pause } from 'node:timers/promises';
import { mended } from './mended.ts';
import { certain } from './fault.ts';

/** SIGQUIT is what `pg_ctl stop -m immediate` sends. */
export const crash = certain(({ postgres, without }, { forMs }) =>
  without({ store: 'postgres' }, async () => {
    await postgres.stop('SIGQUIT');
    await pause(forMs);
    await postgres.restart();
  }),
);

/** Away only while it is done: whoever was connected dials again at once. */
export const terminateBackends = certain(({ admin, without }) =>
  mended(() =>
    without({ store: 'postgres' }, () =>
      admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND datname = current_database() AND application_name LIKE 'jobhive%'`),
    ),
  ),
);

export const readOnly = certain(({ admin, without }, { forMs }) =>
  without({ store: 'postgres' }, async () => {
    await mended(() => admin.query('ALTER SYSTEM SET default_transaction_read_only = on'));
    await mended(() => admin.query('SELECT pg_reload_conf()'));
    await pause(forMs);
    await mended(() => admin.query('ALTER SYSTEM RESET default_transaction_read_only'));
    await mended(() => admin.query('SELECT pg_reload_conf()'));
  }),
);
