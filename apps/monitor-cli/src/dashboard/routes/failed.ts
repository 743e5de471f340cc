// The dead-letter queue, oldest failure first, page by page; and in groups of one fingerprint, largest first.
import * as z from 'zod';
import { failedCursor, fromFailedCursor, toFailedCursor } from '../cursor.ts';
import { limit, route } from '../route.ts';
import { deadLetterGroup, failedPage } from '../schema/failed.ts';

export const failedRoute = route({
  method: 'GET',
  path: '/api/failed',
  summary: 'Dead letters, oldest failure first',
  query: z.object({ limit, cursor: failedCursor.optional() }),
  answer: failedPage,
  handle: async ({ open, query }) => {
    const rows = await open.repository.deadLetters(query.limit + 1, fromFailedCursor(query.cursor));
    const failed = rows.slice(0, query.limit);
    return { failed, next_cursor: rows.length > query.limit ? toFailedCursor(failed.at(-1)) : null };
  },
});

export const failedGroupsRoute = route({
  method: 'GET',
  path: '/api/failed/groups',
  summary: 'Dead letters by fingerprint, largest group first',
  answer: z.array(deadLetterGroup),
  handle: ({ open }) => open.queue.failedGroups(),
});
