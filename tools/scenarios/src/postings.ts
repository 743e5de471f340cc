/** Postings as a source hands them over. Their words are odd enough to be found again where they must not be. */

export interface PostingLine {
  readonly external_id: string | number;
  readonly title: string;
  readonly company: string;
  readonly location?: string;
  readonly url?: string;
  readonly description?: string;
  readonly posted_at?: string;
}

/** Stands in every posting made here; a log or a key of Redis that contains it has leaked one. */
export const POSTING_WORD = 'quincunx';

export function posting(n: number, change: Partial<PostingLine> = {}): PostingLine {
  return {
    external_id: `p-${String(n)}`,
    title: `Title ${String(n)} ${POSTING_WORD}`,
    company: `Company ${POSTING_WORD}`,
    location: 'Lisbon',
    url: `https://jobs.example/${String(n)}`,
    description: `<p>Work number ${String(n)}, with <b>${POSTING_WORD}</b> in it.</p>`,
    posted_at: '2026-10-01T08:00:00Z',
    ...change,
  };
}

/** Number 1 to `count`. */
export function postings(count: number, change: Partial<PostingLine> = {}): PostingLine[] {
  return Array.from({ length: count }, (_, n) => posting(n + 1, change));
}

export function ndjson(lines: readonly PostingLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
