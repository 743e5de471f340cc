import { project } from '../../vitest.base.ts';

const { test, ...rest } = project('chaos');

/** Real processes under real time: one run at once. */
export default { ...rest, test: { ...test, maxWorkers: 1, testTimeout: 180_000, passWithNoTests: false } };
