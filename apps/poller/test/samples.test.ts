import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parsePosting, type Posting } from '../src/posting.ts';
import { fileSource } from '../src/sources/file.ts';

const SAMPLES = fileURLToPath(new URL('../../../tools/samples/postings.ndjson', import.meta.url));

async function readSamples(): Promise<{ postings: Posting[]; rejected: string[] }> {
  const postings: Posting[] = [];
  const rejected: string[] = [];
  for await (const entry of fileSource('samples', SAMPLES).entries(new AbortController().signal)) {
    const parsed = 'raw' in entry ? parsePosting(entry.raw) : { reason: entry.problem };
    if ('posting' in parsed) postings.push(parsed.posting);
    else rejected.push(`${entry.place}: ${parsed.reason}`);
  }
  return { postings, rejected };
}

describe('the sample postings', () => {
  it('are at least 60 that are taken, two of them twice and the same each time', async () => {
    const { postings } = await readSamples();
    const byId = new Map<string, Posting[]>();
    for (const posting of postings) {
      byId.set(posting.external_id, [...(byId.get(posting.external_id) ?? []), posting]);
    }
    expect(byId.size).toBeGreaterThanOrEqual(60);
    const twice = [...byId.values()].filter((same) => same.length > 1);
    expect(twice).toHaveLength(2);
    for (const [first, second] of twice) expect(second).toEqual(first);
  });

  it('show what is set aside', async () => {
    const { rejected } = await readSamples();
    const reasons = rejected.map((line) => line.replace(/^line \d+: /, ''));
    expect(reasons).toEqual([
      'not valid JSON: it ends too early',
      expect.stringMatching(/^not valid JSON/),
      'no JSON object with external_id, title and company',
      'external_id is missing',
      'title is missing',
      'company is empty',
    ]);
  });
});
