// Search: status, source, words in title and company; newest discovery first, page by page.
import * as z from 'zod';
import { jobsCursor, toJobsCursor } from '../cursor.ts';
import { limit, route } from '../route.ts';
import { jobsPage, status } from '../schema/job.ts';

const TEXT_MAX = 200;
const SOURCE_MAX = 2000;

export const jobsRoute = route({
  method: 'GET',
  path: '/api/jobs',
  summary: 'Search jobs, newest discovery first',
  query: z.object({
    status: status.optional(),
    source: z.string().max(SOURCE_MAX).optional().describe('as it was named to the poller'),
    text: z.string().max(TEXT_MAX).optional().describe('words in title and company, ignoring case'),
    limit,
    cursor: jobsCursor.optional(),
  }),
  answer: jobsPage,
  handle: async ({ open, query: { cursor, ...search } }) => {
    const { jobs, nextSeq } = await open.repository.searchJobs({ ...search, beforeSeq: cursor?.seq });
    return { jobs, next_cursor: toJobsCursor(nextSeq) };
  },
});
