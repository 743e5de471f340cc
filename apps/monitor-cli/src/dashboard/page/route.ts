// Which view the address names: the part after `#`, so that a link can be sent to somebody and the back button works. Pure.

export type View = 'overview' | 'workers' | 'jobs' | 'job' | 'failed' | 'unknown';

export interface Route {
  readonly view: View;
  /** Of view `job`. */
  readonly jobId?: string;
  readonly query: Readonly<Record<string, string>>;
}

const PLAIN: Readonly<Record<string, View>> = {
  '': 'overview',
  overview: 'overview',
  workers: 'workers',
  jobs: 'jobs',
  failed: 'failed',
};

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray % in a link typed by hand: shown as it stands
  }
}

/** @param hash as in `location.hash`: `#/jobs?status=failed`, `#/jobs/ID` */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const query = Object.fromEntries(new URLSearchParams(search));
  const [first = '', second, ...rest] = path.split('/');
  if (first === 'jobs' && second !== undefined && second !== '' && rest.length === 0)
    return { view: 'job', jobId: decoded(second), query };
  if (second !== undefined && second !== '') return { view: 'unknown', query };
  return { view: PLAIN[first] ?? 'unknown', query };
}

/** Entries that are empty are left out. */
export function queryText(entries: Readonly<Record<string, string | number | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(entries)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

export const jobLink = (jobId: string): string => `#/jobs/${encodeURIComponent(jobId)}`;
export const jobsLink = (entries: Readonly<Record<string, string | undefined>> = {}): string =>
  `#/jobs${queryText(entries)}`;
