// Who lives, with what in hand. Needs Redis.
import { route } from '../route.ts';
import { workersDocument } from '../schema/status.ts';

export const workersRoute = route({
  method: 'GET',
  path: '/api/workers',
  summary: 'Living workers',
  answer: workersDocument,
  handle: ({ open }) => open.queue.workers(),
});
