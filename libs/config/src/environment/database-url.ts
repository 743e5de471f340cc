/**
 * DATABASE_URL checked, and its parameter `pgbouncer` taken out: that one is ours, and says that a pooler in transaction
 * mode stands before the server. The rest of the address is handed on letter by letter. Pure; dials nothing.
 */
export interface DatabaseTarget {
  /** Without the parameter `pgbouncer`. */
  readonly url: string;
  readonly pgbouncer: boolean;
}

export const DATABASE_URL_ALLOWED =
  'postgres[ql]://[user[:password]@]host[:port]/database[?pgbouncer=true|false], ' +
  'special characters in user and password percent-encoded,';

/** The target, or undefined where the text is none. */
export function parseDatabaseUrl(text: string): DatabaseTarget | undefined {
  if (!/^postgres(ql)?:\/\/[^\s#]+$/.test(text) || !URL.canParse(text) || !decodes(new URL(text))) return undefined;
  const [address = '', query] = text.split(/\?(.*)/, 2);
  const parameters = query === undefined || query === '' ? [] : query.split('&');
  const ours = parameters.filter((parameter) => /^pgbouncer(=|$)/.test(parameter));
  if (ours.length > 1 || !ours.every((parameter) => /^pgbouncer=(true|false)$/.test(parameter))) return undefined;
  const others = parameters.filter((parameter) => !ours.includes(parameter));
  return {
    url: others.length === 0 ? address : `${address}?${others.join('&')}`,
    pgbouncer: ours[0] === 'pgbouncer=true',
  };
}

/** The parser of addresses takes port 0 and broken percent codes; a client fails at them later, with a worse message. */
function decodes(url: URL): boolean {
  if (url.port === '0') return false;
  try {
    for (const part of [url.username, url.password, url.pathname]) decodeURIComponent(part);
    return true;
  } catch {
    // A `%` that begins no code: the caller refuses the whole address.
    return false;
  }
}
