// top: the queue full-screen, with keys to mend it. It needs a terminal to draw on and to read keys from (else wrong usage),
// and Postgres to begin with; what goes away later is told, and waited for. What draws is loaded only here: it is large,
// and no other command waits for it.
import { UsageError } from '@jobhive/config';
import { RECORD_REDIS_IF_THERE, type Command } from '../command.ts';

function requireTerminal(): void {
  if (process.stdin.isTTY && process.stdout.isTTY && process.env['TERM'] !== 'dumb') return;
  throw new UsageError(
    'top needs a terminal to draw on; for a script use `monitor-cli status --json` or `status --watch`',
  );
}

export const topCommand: Command = {
  syntax: 'top',
  describe: 'the queue full-screen, with keys to mend it',
  withoutJson: true,
  examples: [
    ['$0 top', 'tabs 1 to 4, ? tells all keys, q quits'],
    ['NO_COLOR=1 $0 top', 'without colours'],
  ],
  prepare: () => ({
    needs: RECORD_REDIS_IF_THERE,
    lasts: true,
    heedsShutdown: true,
    fullScreen: true,
    requires: requireTerminal,
    run: async (setting) => {
      process.env['NODE_ENV'] ??= 'production'; // React's other self keeps a record of each drawing, which grows for ever
      const { runTop } = await import('../top/run-top.ts');
      await runTop(setting, { stdin: process.stdin, stdout: process.stdout });
    },
  }),
};
