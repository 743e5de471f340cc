// The dashboard as a program: may it listen, is the record there, then up, and down again when the end is asked for. Redis
// may be away from the first moment; Postgres must be there to begin with, and may go later.
import { createOpsServer, startInOrder, stopInReverse, type Service } from '@jobhive/config';
import { createHistoryKeeper, createNoticeWatch, requireServices } from '@jobhive/queue';
import { fileURLToPath } from 'node:url';
import type { Setting } from '../command.ts';
import { assertMayListen } from './access/may-listen.ts';
import { createDashboard } from './dashboard.ts';

/** Beside the program in its bundle. */
const PAGE_FOLDER = fileURLToPath(new URL('./page/', import.meta.url));
const STOP_BOUND_MS = 4000;

/** Ready without Redis, too: what needs it says so. */
function opsServers({ environment, open, log }: Setting): Service[] {
  const { opsPort: port } = environment;
  if (port === undefined) return [];
  const postgres = { name: 'postgres', check: async () => void (await open.database.ping()) };
  return [createOpsServer({ port, metrics: open.metrics, log, checks: [postgres] })];
}

/** Rejects with the reason when the end is asked for; at once where it was. */
function asked(shutdown: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    // The reason is ShutdownRequested, an Error; the platform types it as any.
    const leave = (): void => reject(shutdown.reason as Error);
    if (shutdown.aborted) leave();
    else shutdown.addEventListener('abort', leave, { once: true });
  });
}

export async function runDashboard(setting: Setting, port: number | undefined): Promise<void> {
  const { environment, open, log, clock, out, shutdown } = setting;
  assertMayListen(environment);
  const end = asked(shutdown);
  await Promise.race([requireServices(open, { postgres: true, redis: false, migrated: true }), end]);
  const dashboard = createDashboard({
    host: environment.dashboardHost,
    port: port ?? environment.dashboardPort,
    tokens: { operator: environment.operatorToken, viewer: environment.viewerToken },
    open,
    log,
    clock,
    pageFolder: PAGE_FOLDER,
  });
  const services: Service[] = [
    ...opsServers(setting),
    createHistoryKeeper({ repository: open.repository, log }),
    createNoticeWatch({ environment, open, log }),
    dashboard,
  ];
  await startInOrder(services, log);
  out.lines(`dashboard: ${dashboard.address}/`);
  await end.catch(() => undefined); // the end that was asked for
  await stopInReverse(services, { boundMs: STOP_BOUND_MS }, log);
}
