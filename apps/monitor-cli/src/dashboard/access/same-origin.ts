// Refuses what another site makes a browser ask: a name that was bent to our address (DNS rebinding, where no token guards
// loopback), and writes whose Origin is not this one. Pure. A program that sends no Origin is no browser, and passes.
import { isIP } from 'node:net';
import { HttpProblem } from '../problem.ts';

/** Whether a host, as it is configured or as it stands in an address, can only be this machine. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (name === 'localhost' || name === '::1') return true;
  return isIP(name) === 4 && name.startsWith('127.');
}

/** The host without its port; undefined where it is none. */
function hostName(header: string): string | undefined {
  return URL.canParse(`http://${header}`) ? new URL(`http://${header}`).hostname : undefined;
}

/** @throws HttpProblem 403 where the Host header names anything but this machine */
export function refuseForeignHost(header: string | undefined): void {
  const name = hostName(header ?? '');
  if (name !== undefined && isLoopback(name)) return;
  const detail =
    'without a token this dashboard answers under localhost and 127.0.0.1 only; set OPERATOR_TOKEN to reach it by another name';
  throw new HttpProblem(403, 'foreign_host', detail);
}

export interface OriginHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
  readonly 'x-forwarded-proto'?: string | string[] | undefined;
}

/** @throws HttpProblem 403 for a write which a page of another origin asked for */
export function refuseForeignOrigin(headers: OriginHeaders): void {
  const { host = '', origin } = headers;
  const site = headers['sec-fetch-site'];
  const foreignSite = site !== undefined && site !== 'same-origin' && site !== 'none';
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'https' : 'http'; // a proxy that ends TLS before us says so
  if (!foreignSite && (origin === undefined || isOrigin(origin, `${scheme}://${host}`))) return;
  throw new HttpProblem(
    403,
    'foreign_origin',
    'a write is taken from the pages of this dashboard only, not of another site',
  );
}

function isOrigin(origin: string, own: string): boolean {
  return URL.canParse(origin) && URL.canParse(own) && new URL(origin).origin === new URL(own).origin;
}
