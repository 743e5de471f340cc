/** Acceptance 3 as operators meet it: attempts at 0, +5, +20 and +65 s, with nothing configured. */
import { test } from 'vitest';
import { alwaysThrows } from './always-throws.ts';

test('without RQ_RETRY_DELAYS the retries wait 5, 15 and 45 s', () => alwaysThrows([5, 15, 45], {}));
