// What went wrong with a call, in words for the person before the screen: the server's problem document (RFC 9457), or that
// nobody answered.

export class ProblemError extends Error {
  /** HTTP status; 0 where nobody answered. */
  readonly status: number;
  readonly title: string;
  readonly retryAfterSeconds: number | null;

  constructor(status: number, detail: string, retryAfterSeconds: number | null = null) {
    super(detail);
    this.name = 'ProblemError';
    this.status = status;
    this.title = TITLES[status] ?? (status >= 500 ? 'The server could not do it' : 'That was refused');
    this.retryAfterSeconds = retryAfterSeconds;
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
};

const NEXT: Readonly<Record<number, string>> = {
  0: 'It is asked again by itself; look whether `monitor-cli dashboard` still runs.',
  401: 'Enter a token to go on.',
  403: 'Enter the operator’s token to change something.',
  503: 'Nothing is lost: it goes on by itself when the service is back.',
};

/** What to do next, where the status says more than the server's sentence. */
export function nextStep({ status, retryAfterSeconds }: ProblemError): string | null {
  if (retryAfterSeconds !== null) return `Try again in ${String(retryAfterSeconds)} s.`;
  return NEXT[status] ?? null;
}

function textOf(body: unknown, key: string): string | undefined {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, key) : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export async function problemOf(response: Response): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => undefined); // a proxy in between may answer in HTML
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const detail = textOf(body, 'detail') ?? textOf(body, 'title') ?? `The server answered ${String(response.status)}.`;
  return new ProblemError(response.status, detail, Number.isFinite(seconds) ? seconds : null);
}

/** @param document as the stream tells it */
export function problemIn(document: unknown): ProblemError {
  const detail = textOf(document, 'detail') ?? textOf(document, 'title') ?? 'The server cannot read what it shows.';
  return new ProblemError(503, detail);
}

/** @param error of fetch: no connection, or our own time limit */
export function unanswered(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const late = error instanceof DOMException && error.name === 'TimeoutError';
  return new ProblemError(0, late ? 'No answer within 15 s.' : 'There is no connection to the server.');
}
