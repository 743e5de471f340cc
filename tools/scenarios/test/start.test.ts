// `npm start -- --once` in a working copy of its own, whose services nobody else has: all samples are processed, the dashboard
// is where it is said to be, and a second run does nothing twice.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, startProgram, type StartedProgram } from '@jobhive/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';

const REAL = fileURLToPath(new URL('../../..', import.meta.url));
let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'jobhive-copy-'));
  mkdirSync(join(copy, 'tools'));
  cpSync(join(REAL, 'tools/start/src'), join(copy, 'tools/start/src'), { recursive: true });
  for (const part of ['node_modules', 'dist', 'tools/samples']) symlinkSync(join(REAL, part), join(copy, part));
  writeFileSync(join(copy, 'package.json'), '{ "type": "module" }');
  // What tools/start.mjs does once the programs are built.
  const once =
    "import { register } from 'tsx/esm/api'; register(); (await import('./tools/start/src/start.ts')).main({ once: true });";
  writeFileSync(join(copy, 'once.mjs'), once);
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

async function start(): Promise<StartedProgram> {
  const env = { DASHBOARD_PORT: String(await freePort()), SHUTDOWN_GRACE: '5' };
  return startProgram(join(copy, 'once.mjs'), [], { cwd: copy, env });
}

it('processes the samples, shows the dashboard meanwhile, and does nothing twice', { timeout: 180_000 }, async () => {
  const first = await start();
  const line = await first.waitForLine(/The dashboard is at/, 90_000);
  const address = /http:\/\/\S+/.exec(line)?.[0] ?? '';
  expect(await (await fetch(address)).text()).toContain('<title>');
  expect((await first.exited).code).toBe(0);
  expect(first.stdout()).toMatch(/^processed +66 +\+66$/m);
  const second = await start();
  expect((await second.exited).code).toBe(0);
  expect(second.stdout()).toMatch(/^processed +66 +0$/m);
});
