/** Acceptance 3, shortened: the real delays are in 3-retries.real-delays.ts. */
import { test } from 'vitest';
import { alwaysThrows } from './always-throws.ts';

test('a pipeline that always throws is tried four times at its times, then lies in failed_jobs with all it said', () =>
  alwaysThrows([1, 2, 4], { RQ_RETRY_DELAYS: '1,2,4' }));
