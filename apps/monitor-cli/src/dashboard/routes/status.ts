// The figures now, as `status` prints them; with Redis away it says so.
import { route } from '../route.ts';
import { statusDocument } from '../schema/status.ts';

export const statusRoute = route({
  method: 'GET',
  path: '/api/status',
  summary: 'The queue as a whole',
  answer: statusDocument,
  handle: ({ open }) => open.queue.status(),
});
