// Workers take nothing new, or go on; what is in hand is finished. Needs Redis too: with it away nothing is changed.
import * as z from 'zod';
import { route } from '../route.ts';
import { pausedDocument } from '../schema/status.ts';

const NO_FIELDS = z.strictObject({});

export const pauseRoute = route({
  method: 'POST',
  path: '/api/queue/pause',
  summary: 'Workers take nothing new',
  body: NO_FIELDS,
  answer: pausedDocument,
  handle: ({ open, by }) => open.queue.pause(by),
});

export const resumeRoute = route({
  method: 'POST',
  path: '/api/queue/resume',
  summary: 'Workers go on after a pause',
  body: NO_FIELDS,
  answer: pausedDocument,
  handle: ({ open, by }) => open.queue.resume(by),
});
