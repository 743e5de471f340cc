// What the API answers, by the server's own schemas: a key that goes there is missed here at once.
import type * as z from 'zod';
import type { deadLetterGroup, failedPage, retriedDocument } from '../../schema/failed.ts';
import type { enqueueResult, jobDocument, jobRow, jobsPage, jobStatus } from '../../schema/job.ts';

export type { StatusDocument, WorkerRow } from '@jobhive/queue';
export type { ErrorEntry, ErrorInfo, Status } from '@jobhive/db';

export type JobRow = z.infer<typeof jobRow>;
export type JobsPage = z.infer<typeof jobsPage>;
export type JobDocument = z.infer<typeof jobDocument>;
export type TimelineEntry = JobDocument['timeline'][number];
export type Wait = JobDocument['waits'][number];
export type FailedPage = z.infer<typeof failedPage>;
export type DeadLetter = FailedPage['failed'][number];
export type DeadLetterGroup = z.infer<typeof deadLetterGroup>;
export type Retried = z.infer<typeof retriedDocument>;
export type Enqueued = z.infer<typeof enqueueResult>;
export type JobStatus = z.infer<typeof jobStatus>;
