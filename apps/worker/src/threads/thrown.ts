/**
 * Any thrown thing as plain, bounded data: errors, strings, undefined, cyclic objects, proxies and getters that throw.
 * PermanentError and RetryAfterError are known by `name` alone. Never throws, and calls nothing of the thrown thing but
 * its getters.
 */
import { inspect } from 'node:util';

const NAME_BYTES_MAX = 200;
const MESSAGE_BYTES_MAX = 16 * 1024;
const STACK_BYTES_MAX = 32 * 1024;
const RETRY_AFTER_SECONDS_MAX = 7 * 24 * 60 * 60;

export interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly permanent: boolean;
  /** Of a RetryAfterError with usable seconds. */
  readonly retryAfterSeconds: number | undefined;
}

export function describeThrown(thrown: unknown): Thrown {
  const name = textOf(read(thrown, 'name')) ?? 'Error';
  const message = textOf(read(thrown, 'message'));
  const stack = textOf(read(thrown, 'stack'));
  return {
    name: cutToBytes(name, NAME_BYTES_MAX),
    message: cutToBytes(message ?? nothingSaid(thrown), MESSAGE_BYTES_MAX),
    stack: stack === undefined ? undefined : cutToBytes(stack, STACK_BYTES_MAX),
    permanent: name === 'PermanentError',
    retryAfterSeconds: name === 'RetryAfterError' ? usableSeconds(read(thrown, 'seconds')) : undefined,
  };
}

/** The longest beginning of a text that takes at most so many bytes in UTF-8, and does not cut a character. */
export function cutToBytes(text: string, bytesMax: number): string {
  if (text.length * 3 <= bytesMax) return text;
  const bytes = Buffer.from(text.slice(0, bytesMax));
  if (bytes.length <= bytesMax) return bytes.toString();
  let end = bytesMax;
  while (end > 0 && isContinuation(bytes[end])) end -= 1;
  return bytes.subarray(0, end).toString();
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function read(thrown: unknown, key: string): unknown {
  try {
    if ((typeof thrown !== 'object' && typeof thrown !== 'function') || thrown === null) return undefined;
    // Reason: any object may be read by key.
    return (thrown as Readonly<Record<string, unknown>>)[key];
  } catch {
    // Its getter threw: as good as not there, and the rest is still told.
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Words for what has no message of its own. */
function nothingSaid(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown === '' ? 'the stage threw an empty string' : thrown;
  try {
    if (thrown instanceof Error) return 'the stage threw an error without a message';
    const shown = inspect(thrown, { depth: 2, customInspect: false, maxArrayLength: 20, maxStringLength: 2_000 });
    return `the stage threw ${shown}`;
  } catch {
    return 'the stage threw something that cannot be shown';
  }
}

function usableSeconds(seconds: unknown): number | undefined {
  if (typeof seconds !== 'number' || !(seconds >= 0)) return undefined;
  return Math.min(seconds, RETRY_AFTER_SECONDS_MAX);
}
