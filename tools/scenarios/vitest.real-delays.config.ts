import config from './vitest.config.ts';

/** Scenario 3 with the delays of production: no part of e2e, since it takes more than a minute. */
export default {
  ...config,
  test: {
    ...config.test,
    name: 'scenarios-real-delays',
    include: ['test/**/*.real-delays.ts'],
    reporters: ['default'],
    testTimeout: 180_000,
  },
};
