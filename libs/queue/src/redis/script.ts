// A script is a typed function: its keys and arguments go in, its answer is parsed. It is called by its hash; a server
// that does not know it (restart, SCRIPT FLUSH: hazards 5 and 28) is sent its text, here and nowhere else.
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

export interface Script<Answer> {
  readonly name: string;
  readonly text: string;
  readonly hash: string;
  readonly parse: (raw: unknown) => Answer;
}

export function defineScript<Answer>(name: string, text: string, parse: (raw: unknown) => Answer): Script<Answer> {
  return { name, text, hash: createHash('sha1').update(text).digest('hex'), parse };
}

export async function runScript<Answer>(
  client: Redis,
  script: Script<Answer>,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<Answer> {
  try {
    return script.parse(await client.evalsha(script.hash, keys.length, ...keys, ...args));
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return script.parse(await client.eval(script.text, keys.length, ...keys, ...args));
  }
}

export function asNumber(raw: unknown): number {
  return Number(raw);
}

export function asTexts(raw: unknown): string[] {
  return Array.isArray(raw) ? raw.map(String) : [];
}
