// Errors by which a stage says what is to happen next. The worker knows them by `name` alone, so that a pipeline may
// throw its own classes, or plain objects, of these names.

/** Trying again cannot help: the job goes to the dead-letter queue at once. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}

/** Try again after so many seconds (decimals allowed, at most 7 days), without spending an attempt. */
export class RetryAfterError extends Error {
  override readonly name = 'RetryAfterError';
  readonly seconds: number;

  constructor(message: string, seconds: number, options?: ErrorOptions) {
    super(message, options);
    this.seconds = seconds;
  }
}
