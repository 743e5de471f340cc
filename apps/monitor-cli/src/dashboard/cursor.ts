// Where a page ended, as a text that says nothing to its reader. Pure. What is no cursor of ours is a 400; one of another
// list does not fit the schema of this one.
import type { DeadLetter, DeadLetterCursor } from '@jobhive/db';
import * as z from 'zod';
import { time, uuid } from './schema/register.ts';

const CURSOR_MAX = 200;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined; // refused by the schema behind this
  }
}

const REFUSED = 'no cursor of this list; take `next_cursor` of its last page as it is';
const opaque = z.string().max(CURSOR_MAX, REFUSED);
const read = <Schema extends z.ZodType>(schema: Schema) =>
  opaque.transform((text, context): z.output<Schema> => {
    const parsed = schema.safeParse(decode(text));
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: REFUSED });
    return z.NEVER;
  });

const jobsPlace = z.strictObject({ seq: z.int().min(1) });
const failedPlace = z.strictObject({ at: time, id: uuid });

export const jobsCursor = read(jobsPlace);
export const failedCursor = read(failedPlace);

export function toJobsCursor(seq: number | null): string | null {
  return seq === null ? null : encode({ seq } satisfies z.infer<typeof jobsPlace>);
}

export function toFailedCursor(last: DeadLetter | undefined): string | null {
  return last === undefined
    ? null
    : encode({ at: last.failed_at, id: last.job_id } satisfies z.infer<typeof failedPlace>);
}

export function fromFailedCursor(place: z.infer<typeof failedPlace> | undefined): DeadLetterCursor | undefined {
  return place === undefined ? undefined : { failedAt: place.at, jobId: place.id };
}
