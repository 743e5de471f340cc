// dashboard: the web page and its API, until it is asked to end. Needs Postgres to begin with; what it needs is waited for
// by itself, since a host that needs a token is refused before any store is asked. Its code is loaded by this command only.
import { wholeNumber } from '../arguments/whole-number.ts';
import type { Command } from '../command.ts';

const PORTS = { min: 1, max: 65_535 };

export const dashboardCommand: Command = {
  syntax: 'dashboard',
  describe: 'web page and API, until Ctrl-C',
  withoutJson: true,
  options: { port: { type: 'text', describe: 'port to listen on; default DASHBOARD_PORT or 9181' } },
  examples: [
    ['$0 dashboard', 'http://127.0.0.1:9181, for this machine only'],
    ['DASHBOARD_HOST=0.0.0.0 OPERATOR_TOKEN=… $0 dashboard', 'for others, who need the token'],
  ],
  prepare: (args) => {
    const text = args.text('port');
    const port = text === undefined ? undefined : wholeNumber('--port', text, PORTS);
    return {
      needs: { postgres: 'unneeded', redis: 'unneeded', migrated: false },
      lasts: true,
      heedsShutdown: true,
      run: async (setting) => {
        const { runDashboard } = await import('../dashboard/run-dashboard.ts');
        await runDashboard(setting, port);
      },
    };
  },
};
