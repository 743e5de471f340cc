// The dead letters: rows, groups, and what a retry answers.
import type { DeadLetter, DeadLetterGroup } from '@jobhive/db';
import * as z from 'zod';
import { count, named, time, uuid } from './register.ts';

const words = { stage: z.string().nullable(), name: z.string().nullable(), message: z.string().nullable() };

const deadLetter = named(
  'DeadLetter',
  'A job that failed for good',
  z.object({ job_id: uuid, failed_at: time, attempts: count, ...words, fingerprint: z.string().nullable() }),
) satisfies z.ZodType<DeadLetter>;

export const failedPage = named(
  'FailedPage',
  'Oldest failure first',
  z.object({ failed: z.array(deadLetter), next_cursor: z.string().nullable().describe('null on the last page') }),
);

export const deadLetterGroup = named(
  'DeadLetterGroup',
  'Dead letters of one fingerprint: the same error, whatever ids it names',
  z.object({ fingerprint: z.string(), count, ...words, oldest_at: time, newest_at: time }),
) satisfies z.ZodType<DeadLetterGroup>;

const retried = {
  retried: count,
  dispatched: z.boolean().describe('false where some are delivered when Redis is back'),
};

export const retriedDocument = named('Retried', 'How many are queued again', z.object(retried));
export const retriedJobs = named(
  'RetriedJobs',
  'Which are queued again',
  z.object({ ...retried, job_ids: z.array(uuid) }),
);
