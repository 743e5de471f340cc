// The normal form of a posting and its schema: any value in, a posting or the reason why it is none out. Pure. A
// description is kept as it is written, HTML or text; what Postgres cannot hold (NUL, lone surrogates) becomes U+FFFD.
// Reasons name fields and figures and never quote the posting.
import { cleanText, type NewPosting } from '@jobhive/db';
import * as z from 'zod';
import { parseIsoTime } from './iso-time.ts';

/** In UTF-8. What is larger is no posting but a mistake, and would not fit into a stage's output. */
export const DESCRIPTION_BYTES_MAX = 1_048_576;
export const EXTERNAL_ID_CHARACTERS_MAX = 300;
export const LINE_CHARACTERS_MAX = 1_000;
export const URL_CHARACTERS_MAX = 4_000;

export type Posting = Required<NewPosting>;

export type ParsedPosting =
  { readonly posting: Posting } | { readonly reason: string; readonly externalId: string | null };

type Rule = readonly [holds: (text: string) => boolean, otherwise: string];

const notEmpty: Rule = [(text) => text !== '', 'is empty'];
const atMost = (charactersMax: number): Rule => [
  (text) => text.length <= charactersMax,
  `is longer than ${String(charactersMax)} characters`,
];

const missingOr = (otherwise: string) => (issue: { readonly input?: unknown }) =>
  issue.input === undefined || issue.input === null ? 'is missing' : otherwise;
const text = z.string({ error: missingOr('is no text') }).transform(cleanText);
const line = text.transform((value) => value.trim()).refine(...notEmpty);

/** Missing, null and blank are the same: null. */
const optional = <T>(field: z.ZodType<T>) =>
  z.preprocess(
    (value) => (value === undefined || (typeof value === 'string' && value.trim() === '') ? null : value),
    field.nullable(),
  );

/** A number becomes the text of it; one that JSON cannot carry exactly could be another's id. */
const externalId = z
  .union([z.string(), z.number()], { error: missingOr('is neither text nor number') })
  .refine(
    (id) => typeof id === 'string' || Math.abs(id) <= Number.MAX_SAFE_INTEGER,
    'is a number too large to be exact; write it as text',
  )
  .transform((id) => cleanText(String(id)).trim())
  .refine(...notEmpty)
  .refine(...atMost(EXTERNAL_ID_CHARACTERS_MAX));

const url = line
  .refine((value) => /^https?:\/\/\S+$/i.test(value) && URL.canParse(value), 'is no http(s) address')
  .refine(...atMost(URL_CHARACTERS_MAX));

const description = text.refine(
  (value) => Buffer.byteLength(value) <= DESCRIPTION_BYTES_MAX,
  `is larger than ${String(DESCRIPTION_BYTES_MAX)} bytes`,
);

const postedAt = z.string({ error: 'is no text' }).transform((value, context) => {
  const time = parseIsoTime(value.trim());
  if (time !== undefined) return time;
  context.addIssue('is no ISO 8601 date or time such as 2026-05-04 or 2026-05-04T10:15:00Z');
  return z.NEVER;
});

const schema = z.object(
  {
    external_id: externalId,
    title: line.refine(...atMost(LINE_CHARACTERS_MAX)),
    company: line.refine(...atMost(LINE_CHARACTERS_MAX)),
    location: optional(line.refine(...atMost(LINE_CHARACTERS_MAX))),
    url: optional(url),
    description: optional(description),
    posted_at: optional(postedAt),
  },
  { error: 'no JSON object with external_id, title and company' },
);

/** Other keys are ignored. All that is wrong is told at once. */
export function parsePosting(raw: unknown): ParsedPosting {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { posting: parsed.data };
  const reasons = new Map<string, string>();
  for (const { path, message } of parsed.error.issues) {
    const field = path.join('.');
    if (!reasons.has(field)) reasons.set(field, `${field} ${message}`.trim());
  }
  return { reason: [...reasons.values()].join('; '), externalId: idOf(raw) };
}

/** The id of what is no posting, as far as it has one. */
function idOf(raw: unknown): string | null {
  if (typeof raw !== 'object' || raw === null || !('external_id' in raw)) return null;
  const id = raw.external_id;
  if (typeof id !== 'string' && typeof id !== 'number') return null;
  const shown = cleanText(String(id)).trim().slice(0, EXTERNAL_ID_CHARACTERS_MAX);
  return shown === '' ? null : cleanText(shown);
}
