/**
 * Any value as plain JSON data, bounded in depth, breadth and length, every text struck of secrets. Never throws: a
 * circle, a getter that throws or a thing without a form of its own is told as such in brackets.
 */
import { debugOnlyFields, describeError } from './describe-error.ts';
import { namesSecret, STRUCK } from './strike-secrets.ts';

const DEPTH_MAX = 5;
const ENTRIES_MAX = 100;
const TEXT_MAX = 8_192;

export interface Plainly {
  readonly strike: (text: string) => string;
  /** Whether messages and stacks of errors may be shown. */
  readonly debug: boolean;
}

type Fields = Record<string, unknown>;

/** The fields of a record as plain data; what is undefined is left out. */
export function plainFields(fields: object, plainly: Plainly): Fields {
  return plainObject(fields, plainly, []);
}

export function plainText(text: string, { strike }: Plainly): string {
  const struck = strike(text);
  return struck.length > TEXT_MAX ? `${struck.slice(0, TEXT_MAX)}[…]` : struck;
}

function plainValue(value: unknown, plainly: Plainly, above: readonly object[]): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return plainText(value, plainly);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return `[${typeof value}]`;
  if (above.includes(value)) return '[circle]';
  if (above.length >= DEPTH_MAX) return '[deeper]';
  try {
    return plainThing(value, plainly, above);
  } catch {
    // Something of this value's own code threw. The record is worth more than the field.
    return '[unreadable]';
  }
}

function plainThing(value: object, plainly: Plainly, above: readonly object[]): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[no time]' : value.toISOString();
  if (value instanceof URL) return plainText(value.href, plainly);
  if (value instanceof Error) return plainObject(describeError(value), plainly, above);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map || value instanceof Set) return `[${value.size} entries]`;
  if (!Array.isArray(value)) return plainObject(value, plainly, above);
  const items = (value as readonly unknown[]).slice(0, ENTRIES_MAX);
  return items.map((item) => plainValue(item, plainly, [...above, value]));
}

function plainObject(value: object, plainly: Plainly, above: readonly object[]): Fields {
  const plain: Fields = {};
  for (const key of Object.keys(value).slice(0, ENTRIES_MAX)) {
    if (debugOnlyFields.has(key) && !plainly.debug) continue;
    const held = readField(value, key);
    if (held === undefined) continue;
    const secret = namesSecret(key) && held !== null && typeof held !== 'boolean';
    plain[key] = secret ? STRUCK : plainValue(held, plainly, [...above, value]);
  }
  return plain;
}

function readField(value: object, key: string): unknown {
  try {
    return Reflect.get(value, key) as unknown;
  } catch {
    // As in plainValue: one field that cannot be read does not cost the record.
    return '[unreadable]';
  }
}
