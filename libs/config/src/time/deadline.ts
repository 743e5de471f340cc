/**
 * A bound on a promise. It ends the waiting, not the work: what was asked goes on, and a rejection that comes after the
 * deadline is dropped, since the caller was already told.
 */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = 'deadline';
  readonly boundMs: number;

  constructor(what: string, boundMs: number) {
    super(`${what} did not end within ${boundMs} ms`);
    this.boundMs = boundMs;
  }
}

/** What `promise` gives, or a DeadlineError that names `what` after `ms` milliseconds. */
export async function withDeadline<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(what, ms)), ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
