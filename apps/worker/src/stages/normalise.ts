/**
 * First stage: the posting in one clean form, whatever source it came from. Plain text, single spaces, no control
 * characters, bounded lengths, so that later stages need not ask. It judges nothing.
 */
import type { JobPosting, StageContext } from '../pipeline/stage.ts';
import { htmlToText } from './html-to-text.ts';

const DESCRIPTION_CHARS_MAX = 200_000;
const LINE_CHARS_MAX = 500;
/** More markup than this is not looked at: it would take the time of other jobs for a text that is cut anyway. */
const HTML_CHARS_MAX = 4_000_000;

export interface NormalPosting {
  readonly title: string;
  readonly company: string;
  readonly location: string | null;
  readonly url: string | null;
  readonly text: string;
  /** Whether the text was longer than what is kept. */
  readonly truncated: boolean;
  readonly posted_at: string | null;
}

export const normaliseStage = {
  name: 'normalise',
  run: ({ job }: Pick<StageContext, 'job'>): NormalPosting => normalise(job),
};

export function normalise(job: JobPosting): NormalPosting {
  const html = job.description ?? '';
  const text = paragraphs(htmlToText(html.slice(0, HTML_CHARS_MAX)));
  return {
    title: line(job.title),
    company: line(job.company),
    location: optionalLine(job.location),
    url: optionalLine(job.url),
    text: cut(text, DESCRIPTION_CHARS_MAX),
    truncated: html.length > HTML_CHARS_MAX || text.length > DESCRIPTION_CHARS_MAX,
    posted_at: job.posted_at,
  };
}

function optionalLine(text: string | null): string | null {
  const cleaned = line(text ?? '');
  return cleaned === '' ? null : cleaned;
}

/** One line, from what may be HTML. */
function line(text: string): string {
  return cut(spaced(htmlToText(text)).trim(), LINE_CHARS_MAX);
}

/** Lines without blanks around them, and never two empty ones in a row. */
function paragraphs(text: string): string {
  const kept: string[] = [];
  for (const raw of text.split(/\r\n|[\n\r\u2028\u2029]/u)) {
    const cleaned = spaced(raw).trim();
    if (cleaned !== '' || (kept.at(-1) ?? '') !== '') kept.push(cleaned);
  }
  return kept.join('\n').trim();
}

/** Control characters, byte-order marks and broken surrogates go; every run of blanks becomes one. */
function spaced(text: string): string {
  return text
    .replace(/[\u200b\u2060\ufeff\u00ad]|\p{Cs}/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .normalize('NFC');
}

/** Never in the middle of a surrogate pair. */
function cut(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  return text.slice(0, charsMax).replace(/[\ud800-\udbff]$/u, '');
}
