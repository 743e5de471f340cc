import { project } from '../../vitest.base.ts';

const { test, ...rest } = project('proofs');

/** Real processes under load: one proof at a time. */
export default { ...rest, test: { ...test, maxWorkers: 1, testTimeout: 180_000, passWithNoTests: false } };
