import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * The test configuration of one project. A `threshold` (percent of lines and of branches) makes the run fail below it.
 * Servers are started once a run by the global set-up; the forks inherit their addresses from `process.env`.
 */
export function project(name: string, threshold?: number): ViteUserConfig {
  return defineConfig({
    test: {
      name,
      include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
      globalSetup: at('tools/servers/src/vitest.ts'),
      pool: 'forks',
      // Every file has stores of its own and leaves no state in its process: modules are loaded once a fork, not once a file.
      isolate: false,
      watch: false,
      passWithNoTests: true,
      testTimeout: 30_000,
      hookTimeout: 60_000,
      reporters: ['default', 'json'],
      outputFile: { json: at(`coverage/${name}/results.json`) },
      coverage: {
        enabled: threshold !== undefined,
        provider: 'v8',
        include: ['src/**/*.{ts,tsx}'],
        exclude: ['src/**/*.test.ts', 'src/main.ts'],
        clean: false,
        reporter: ['text-summary', 'json-summary'],
        reportsDirectory: at(`coverage/${name}`),
        ...(threshold === undefined ? {} : { thresholds: { lines: threshold, branches: threshold } }),
      },
    },
  });
}
