/**
 * The errors a program ends with, each with its code and its exit code. Their messages are for people: what is wrong,
 * then what to do next, in one line, and never a secret.
 */
export interface ProgramErrorOptions {
  readonly code: string;
  readonly exitCode: 1 | 2;
  readonly cause?: unknown;
}

/** How a subclass may be detailed: a closer code, and what caused it. */
export interface ErrorDetail {
  readonly code?: string;
  readonly cause?: unknown;
}

export class ProgramError extends Error {
  override readonly name: string = 'ProgramError';
  readonly code: string;
  readonly exitCode: 1 | 2;

  constructor(message: string, options: ProgramErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.exitCode = options.exitCode;
  }

  /** What is said on stderr, without `error: `; one entry a line. */
  get lines(): readonly string[] {
    return [this.message];
  }
}

/** The command was used wrongly: exit 2. */
export class UsageError extends ProgramError {
  override readonly name: string = 'UsageError';

  constructor(message: string, detail: ErrorDetail = {}) {
    super(message, { code: 'usage', exitCode: 2, ...detail });
  }
}

/** What was asked cannot be done as things stand (not found, wrong state): exit 1. */
export class RefusedError extends ProgramError {
  override readonly name: string = 'RefusedError';

  constructor(message: string, detail: ErrorDetail = {}) {
    super(message, { code: 'refused', exitCode: 1, ...detail });
  }
}

/** A service, or a port, that is needed is not to be had: exit 1. */
export class UnavailableError extends ProgramError {
  override readonly name: string = 'UnavailableError';

  constructor(message: string, detail: ErrorDetail = {}) {
    super(message, { code: 'unavailable', exitCode: 1, ...detail });
  }
}

/** Wrong configuration, every wrong value at once: exit 2, one line for each. */
export class ConfigurationError extends ProgramError {
  override readonly name: string = 'ConfigurationError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[], detail: ErrorDetail = {}) {
    super(problems.join('; '), { code: 'configuration', exitCode: 2, ...detail });
    this.problems = problems;
  }

  override get lines(): readonly string[] {
    return this.problems;
  }
}
