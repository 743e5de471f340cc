// Postings for tests.
import type { JobPosting } from '../src/pipeline/stage.ts';

export const JOB_ID = '0b1f7a52-6c1e-4d55-9a63-2f6c3d0e8a11';

export function posting(members: Partial<JobPosting> = {}): JobPosting {
  return {
    id: JOB_ID,
    source: 'file:sample',
    external_id: '17',
    title: 'Carpenter',
    company: 'Oak & Sons',
    location: null,
    url: null,
    description: null,
    posted_at: null,
    ...members,
  };
}
