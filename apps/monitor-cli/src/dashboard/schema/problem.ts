// RFC 9457, with a code for programs.
import * as z from 'zod';
import { named } from './register.ts';

export const problemDocument = named(
  'Problem',
  'What went wrong, and what to do next',
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: z.string().describe('for programs: does not change with the words'),
    detail: z.string(),
  }),
);
export type Problem = z.infer<typeof problemDocument>;
