/**
 * Where the dashboard of `npm start` listens: at DASHBOARD_PORT where somebody set it, else at its default, or, where that
 * one is taken (by another working copy, say), at any free port. A port that is named and taken ends the dashboard, which
 * names it.
 */
import { createServer } from 'node:net';

/** What to add to the command `dashboard`. */
export async function dashboardPortWords(
  asked: string | undefined,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<readonly string[]> {
  if (asked !== undefined && asked !== '') return [];
  return ['--port', String((await freePort(host, port)) ?? (await freePort(host, 0)) ?? port)];
}

/** The port, where it can be listened on now; 0 asks for any. */
function freePort(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined)); // taken, or no host of ours: the dashboard says which
    server.listen({ host, port }, () => {
      const address = server.address();
      const found = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(found));
    });
  });
}
