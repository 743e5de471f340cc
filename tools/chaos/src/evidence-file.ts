/** The evidence as a file, a part a line: that of a long run is longer than a string can be. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Evidence } from './evidence.ts';

export async function writeEvidence(file: string, evidence: Evidence): Promise<void> {
  const out = await open(file, 'w');
  try {
    let before = '{';
    for (const [name, part] of Object.entries(evidence)) {
      await out.writeFile(`${before}${JSON.stringify(name)}:${JSON.stringify(part, asJson)}`);
      before = ',\n';
    }
    await out.writeFile('}\n');
  } finally {
    await out.close();
  }
}

/** What `writeEvidence` wrote. @throws what the file system does, ENOENT among it; SyntaxError for a file that is none */
export async function readEvidence(file: string): Promise<Evidence> {
  const parts: object[] = [];
  for await (const line of createInterface({ input: createReadStream(file) }))
    parts.push(JSON.parse(`{${line.replace(/^\{/, '').slice(0, -1)}}`, fromJson) as object);
  return Object.assign({}, ...parts) as Evidence;
}

function asJson(_key: string, value: unknown): unknown {
  if (value instanceof Map) return { map: [...value] };
  return value === Infinity ? 'Infinity' : value;
}

function fromJson(_key: string, value: unknown): unknown {
  if (value === 'Infinity') return Infinity;
  const { map } = (value ?? {}) as { readonly map?: unknown };
  return Array.isArray(map) ? new Map(map as [string, unknown][]) : value;
}
