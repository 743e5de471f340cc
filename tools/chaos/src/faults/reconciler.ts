/** Two of what there should be one of: reconcilers, and rebuilds asked for by operators. */
import { join } from 'node:path';
import { runProgram } from '@jobhive/test-kit';
import { mended } from './mended.ts';
import { certain } from './fault.ts';

/** Its holder goes on with what it is at, while another takes the lease. */
export const twoReconcilers = certain(({ admin }) =>
  mended(() => admin.query(`UPDATE leases SET until = clock_timestamp() - interval '1 s'`)),
);

/** That one of them ends with an error, because another fault has a store down, is no concern of the queue. */
export const twoRebuilds = certain(async ({ folder, env }) => {
  const run = (number: number): Promise<unknown> =>
    runProgram(join(folder, 'monitor-cli/main.js'), ['rebuild', '--json'], { env: env(number), timeoutMs: 60_000 });
  await Promise.all([run(0), run(1)]);
});
