/**
 * REDIS_URL taken apart: one server (`redis://`, with TLS `rediss://`) or the sentinels that know it
 * (`redis+sentinel://`). User, password and name are percent-decoded. Anything that would be silently ignored
 * (parameters, a fragment, a longer path) is refused. Pure; dials nothing.
 */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

export type RedisTarget =
  | {
      readonly kind: 'single';
      readonly host: string;
      readonly port: number;
      readonly db: number;
      readonly username: string | undefined;
      readonly password: string | undefined;
      readonly tls: boolean;
    }
  | {
      readonly kind: 'sentinel';
      readonly sentinels: readonly HostAndPort[];
      readonly name: string;
      readonly db: number;
      readonly username: string | undefined;
      readonly password: string | undefined;
    };

export const REDIS_URL_ALLOWED =
  'redis[s]://[[user]:password@]host[:port][/db] or redis+sentinel://[user:password@]host:port,host:port/NAME[/DB], ' +
  'special characters in user and password percent-encoded,';

const DEFAULT_PORT = 6379;
const DB_MAX = 2_147_483_647;
const URL_PARTS = /^(redis|rediss|redis\+sentinel):\/\/(?:([^@/?#\s]*)@)?([^@/?#\s]+)(\/[^?#\s]*)?$/;
const HOST_AND_PORT = /^(\[[0-9A-Fa-f:.]+\]|[^:[\]%,]+)(?::(\d{1,5}))?$/;

/** The target, or undefined where the text is none. */
export function parseRedisUrl(text: string): RedisTarget | undefined {
  const [, scheme, credentials, hosts = '', path = ''] = URL_PARTS.exec(text) ?? [];
  if (scheme === undefined) return undefined;
  const login = parseCredentials(credentials);
  if (login === undefined) return undefined;
  if (scheme === 'redis+sentinel') return parseSentinel(hosts, path, login);
  const server = parseHost(hosts, DEFAULT_PORT);
  const db = parseDb(path.slice(1));
  if (server === undefined || db === undefined) return undefined;
  return { kind: 'single', ...server, db, ...login, tls: scheme === 'rediss' };
}

interface Login {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

function parseSentinel(hosts: string, path: string, login: Login): RedisTarget | undefined {
  const sentinels = hosts.split(',').map((host) => parseHost(host, undefined));
  const known = sentinels.filter((sentinel) => sentinel !== undefined);
  const [encodedName = '', dbText = '', ...more] = path.slice(1).split('/');
  const name = decode(encodedName);
  const db = parseDb(dbText);
  if (known.length < sentinels.length || !name || db === undefined || more.length > 0) return undefined;
  return { kind: 'sentinel', sentinels: known, name, db, ...login };
}

/** The port may be missing only where there is a default. */
function parseHost(text: string, defaultPort: number | undefined): HostAndPort | undefined {
  const [, host, portText] = HOST_AND_PORT.exec(text) ?? [];
  const port = portText === undefined ? defaultPort : Number(portText);
  if (host === undefined || port === undefined || port < 1 || port > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port };
}

function parseDb(text: string): number | undefined {
  if (text === '') return 0;
  return /^\d{1,10}$/.test(text) && Number(text) <= DB_MAX ? Number(text) : undefined;
}

function parseCredentials(text = ''): Login | undefined {
  const colon = text.indexOf(':');
  const username = decode(colon < 0 ? text : text.slice(0, colon));
  const password = decode(colon < 0 ? '' : text.slice(colon + 1));
  if (username === undefined || password === undefined) return undefined;
  return { username: username || undefined, password: password || undefined };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // A `%` that begins no code: the caller refuses the whole address.
    return undefined;
  }
}
