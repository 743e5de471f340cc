/**
 * Any thrown thing as fields of a log record: its name and code, and those of its causes. The message and the stack may
 * quote a posting; they go along as `error_message` and `error_stack`, which the logger writes at level `debug` only.
 * Never throws, whatever was thrown.
 */
export interface ErrorFields {
  readonly error_name: string;
  readonly error_code?: string;
  /** Names and codes of the causes, nearest first. */
  readonly error_causes?: readonly string[];
  readonly error_message?: string;
  readonly error_stack?: string;
  readonly [key: string]: unknown;
}

/** Fields that only a log of level `debug` shows. */
export const debugOnlyFields: ReadonlySet<string> = new Set(['error_message', 'error_stack']);

const CAUSES_MAX = 3;

export function describeError(error: unknown): ErrorFields {
  const causes = causesOf(error).map(labelOf);
  const code = codeOf(error);
  const message = textOf(error, 'message') ?? (typeof error === 'string' ? error : undefined);
  const stack = textOf(error, 'stack');
  return {
    error_name: nameOf(error),
    ...(code === undefined ? {} : { error_code: code }),
    ...(causes.length === 0 ? {} : { error_causes: causes }),
    ...(message === undefined ? {} : { error_message: message }),
    ...(stack === undefined ? {} : { error_stack: stack }),
  };
}

/** The `cause`s of an error, and of an AggregateError its first error, at most three deep. */
function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = [];
  let cause = causeOf(error);
  while (cause !== undefined && causes.length < CAUSES_MAX) {
    causes.push(cause);
    cause = causeOf(cause);
  }
  return causes;
}

function causeOf(error: unknown): unknown {
  const errors = read(error, 'errors');
  return read(error, 'cause') ?? (Array.isArray(errors) ? (errors as readonly unknown[])[0] : undefined);
}

const labelOf = (error: unknown): string => [nameOf(error), codeOf(error)].filter(Boolean).join(' ');

const nameOf = (error: unknown): string => textOf(error, 'name') ?? `thrown ${error === null ? 'null' : typeof error}`;

/** A code as Node, Postgres and our own errors have it: short, without blanks. */
function codeOf(error: unknown): string | undefined {
  const code = read(error, 'code');
  const text = typeof code === 'number' ? String(code) : code;
  return typeof text === 'string' && /^[\w.-]{1,64}$/.test(text) ? text : undefined;
}

function textOf(error: unknown, key: string): string | undefined {
  const value = read(error, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A property of a thing that may be anything, also one whose getters throw. */
function read(thing: unknown, key: string): unknown {
  if (typeof thing !== 'object' || thing === null) return undefined;
  try {
    return Reflect.get(thing, key) as unknown;
  } catch {
    // A getter that throws has no value to tell; that it is there shows by the name of the error alone.
    return undefined;
  }
}
