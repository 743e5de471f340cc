import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENTRY_CHARACTERS_MAX, fileSource } from '../../src/sources/file.ts';
import { SourceError, type Entry } from '../../src/sources/source.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jobhive-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

const never = new AbortController().signal;

async function read(path: string, signal = never): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of fileSource(`file:${path}`, path).entries(signal)) entries.push(entry);
  return entries;
}
async function readText(content: string | Buffer): Promise<Entry[]> {
  const path = join(folder, 'postings');
  await writeFile(path, content);
  return read(path);
}
const brief = (entries: readonly Entry[]) =>
  entries.map((entry) => [entry.place, 'raw' in entry ? entry.raw : entry.problem]);

describe('a file of postings', () => {
  it('is NDJSON with CRLF, blank lines and a byte-order mark', async () => {
    expect(brief(await readText('\uFEFF{"a":1}\r\n\r\n{"a":"é😀"}'))).toEqual([
      ['line 1', { a: 1 }],
      ['line 3', { a: 'é😀' }],
    ]);
  });

  it('or one JSON array, also behind a byte-order mark', async () => {
    expect(brief(await readText('\uFEFF\n[{"a":1},\n {"a":2}]\n'))).toEqual([
      ['item 1', { a: 1 }],
      ['item 2', { a: 2 }],
    ]);
  });

  it('tells a line that is no JSON by its number, without quoting it, and keeps the others', async () => {
    expect(brief(await readText('{"a":1}\nsecret words\n{"a":\n{"a" 5}\n{"a":2}\n'))).toEqual([
      ['line 1', { a: 1 }],
      ['line 2', expect.stringMatching(/^not valid JSON[^s]*$/)],
      ['line 3', 'not valid JSON: it ends too early'],
      ['line 4', 'not valid JSON at character 6'],
      ['line 5', { a: 2 }],
    ]);
  });

  it('tells an item that is no JSON, and where the file ends before the array does', async () => {
    expect(brief(await readText('[{"a":1}, {"a":}, {"a":2}, {"a"'))).toEqual([
      ['item 1', { a: 1 }],
      ['item 2', expect.stringMatching(/^not valid JSON/)],
      ['item 3', { a: 2 }],
      ['item 4', 'not valid JSON: the file ends before the array does'],
    ]);
  });

  it('has U+FFFD for bytes that are no UTF-8, and whole characters where chunks meet', async () => {
    const long = `"${'€'.repeat(100_000)}"`;
    const [broken, whole] = await readText(Buffer.concat([Buffer.from([0x22, 0xff, 0x22, 0x0a]), Buffer.from(long)]));
    expect(broken).toMatchObject({ raw: '\ufffd' });
    expect(whole).toMatchObject({ raw: '€'.repeat(100_000), size: long.length });
  });

  it('bounds a line, and reads on behind it', async () => {
    const entries = await readText(`"${'x'.repeat(ENTRY_CHARACTERS_MAX)}"\n{"a":1}`);
    expect(brief(entries)).toEqual([
      ['line 1', 'longer than 8 MiB'],
      ['line 2', { a: 1 }],
    ]);
  });

  it('that cannot be read is an error which says what to do', async () => {
    const missing = join(folder, 'nowhere.json');
    await expect(read(missing)).rejects.toThrow(SourceError);
    await expect(read(missing)).rejects.toThrow(`${missing}: there is no such file; correct --source or POLL_SOURCES`);
    await expect(read(folder)).rejects.toThrow('it is a folder');
    await expect(read('a\0b')).rejects.toThrow('it cannot be read (ERR_INVALID_ARG_VALUE)');
  });

  it('can be looked for before it is polled', async () => {
    await readText('');
    await expect(fileSource('x', join(folder, 'postings')).check()).resolves.toBeUndefined();
    await expect(fileSource('x', join(folder, 'nowhere')).check()).rejects.toThrow(SourceError);
  });

  it('is read no further once the signal is aborted', async () => {
    await readText('1\n'.repeat(200_000));
    const stopping = new AbortController();
    const entries = fileSource('x', join(folder, 'postings')).entries(stopping.signal)[Symbol.asyncIterator]();
    await entries.next();
    stopping.abort(new Error('enough'));
    await expect(
      (async () => {
        while ((await entries.next()).done !== true);
      })(),
    ).rejects.toThrow('enough');
  });
});
