import { project } from '../../vitest.base.ts';

const { test, ...rest } = project('scenarios');

/** Real processes under real time, which mostly wait: three files at once are what two processors carry. */
export default {
  ...rest,
  test: { ...test, maxWorkers: 3, testTimeout: 120_000, hookTimeout: 120_000, passWithNoTests: false },
};
