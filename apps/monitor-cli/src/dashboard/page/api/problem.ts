// What went wrong with a call, in words for the person before the screen: the server's problem document (RFC 9457). That nobody
// answered is told by unanswered.ts.

/** What is said beside the detail. */
export interface Words {
  readonly title: string;
  /** What to do next; null where the detail says it all. */
  readonly next: string | null;
}

export class ProblemError extends Error implements Words {
  /** HTTP status; 0 where nobody answered. */
  readonly status: number;
  readonly title: string;
  readonly next: string | null;

  constructor(status: number, detail: string, { title, next }: Words = wordsOf(status)) {
    super(detail);
    this.name = 'ProblemError';
    this.status = status;
    this.title = title;
    this.next = next;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  0: 'The dashboard does not answer',
  400: 'That request is malformed',
  401: 'A token is needed',
  403: 'Your token may not do this',
  404: 'Not found',
  409: 'Not possible as things stand',
  413: 'That request is too large',
  429: 'Too many at once',
  503: 'A service is away',
  504: 'No answer yet',
};

const NEXT: Readonly<Record<number, string>> = {
  0: 'It is asked again by itself; look whether `monitor-cli dashboard` still runs.',
  401: 'Enter a token to go on.',
  403: 'Enter the operator’s token to change something.',
  503: 'Nothing is lost: it goes on by itself when the service is back.',
  504: 'What has begun goes on: look again to see what came of it.',
};

/** For a status of HTTP, and for 0. */
export function wordsOf(status: number): Words {
  const title = TITLES[status] ?? (status >= 500 ? 'The server could not do it' : 'That was refused');
  return { title, next: NEXT[status] ?? null };
}

function textOf(body: unknown, key: string): string | undefined {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, key) : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export async function problemOf(response: Response): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => undefined); // a proxy in between may answer in HTML
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const detail = textOf(body, 'detail') ?? textOf(body, 'title') ?? `The server answered ${String(response.status)}.`;
  const words = wordsOf(response.status);
  if (!Number.isFinite(seconds)) return new ProblemError(response.status, detail, words);
  return new ProblemError(response.status, detail, { ...words, next: `Try again in ${String(seconds)} s.` });
}

/** @param document as the stream tells it */
export function problemIn(document: unknown): ProblemError {
  const detail = textOf(document, 'detail') ?? textOf(document, 'title') ?? 'The server cannot read what it shows.';
  return new ProblemError(503, detail);
}
