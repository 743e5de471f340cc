import { startPrivatePostgres } from '@jobhive/test-kit';
import pg from 'pg';
import { it } from 'vitest';
it('x', async () => {
  for (const source of ['any', 'package'] as const) {
    const s = await startPrivatePostgres({ source });
    const c = new pg.Client({ connectionString: s.url }); await c.connect();
    await c.query(`create table t (id int primary key, s text); create index p on t (id) where s='queued'; insert into t select g, 'd' from generate_series(1,20000) g; set enable_seqscan=off; analyze t`);
    const r = await c.query(`explain select * from t where (s='queued') is true`);
    console.log((await c.query('show server_version')).rows, r.rows.map((x: Record<string, unknown>) => x['QUERY PLAN']));
    await c.end(); await s.remove();
  }
});
