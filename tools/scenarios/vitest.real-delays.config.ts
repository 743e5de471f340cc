import { project } from '../../vitest.base.ts';

const { test, ...rest } = project('scenarios-real-delays');

/** Scenario 3 with the delays of production: no part of e2e, since it takes more than a minute. */
export default {
  ...rest,
  test: { ...test, include: ['test/**/*.real-delays.ts'], testTimeout: 150_000, passWithNoTests: false },
};
