// Where the dashboard may listen: on another host than loopback only behind a token. Pure.
import { ConfigurationError, type Environment } from '@jobhive/config';
import { isLoopback } from './same-origin.ts';

type Settings = Pick<Environment, 'dashboardHost' | 'operatorToken' | 'viewerToken'>;

/** @throws ConfigurationError (exit 2) */
export function assertMayListen({ dashboardHost, operatorToken, viewerToken }: Settings): void {
  if (isLoopback(dashboardHost) || operatorToken !== undefined || viewerToken !== undefined) return;
  throw new ConfigurationError([
    `DASHBOARD_HOST is ${JSON.stringify(dashboardHost)}, which others can reach: set OPERATOR_TOKEN (and VIEWER_TOKEN for those who may only look), or listen on 127.0.0.1`,
  ]);
}
