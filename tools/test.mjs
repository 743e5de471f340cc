/**
 * `npm test`: lint, types, tests and builds of all projects, then the end-to-end tests. Says what each came to, shows the output of
 * what failed and the names of failed tests, and ends with the line `N passed, N failed`: tests, and one failure for each other
 * check that failed. A test run that died without saying which test failed counts as one failure too. `--containers` runs the
 * servers in containers. Lint and types are one run over the workspace here: project by project (`nx run-many -t lint typecheck`)
 * they find the same in twice the time; lint gives way to the tests, and has ended before those that watch the clock.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, setPriority } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { nx, root } from './nx.mjs';

const TASK = /^> nx run (\S+)/;
/** The page, and the tests that run code in it, know a browser's globals; all else does not. */
const PROGRAMS = ['.', 'tools/scenarios', 'apps/monitor-cli/src/dashboard/page'];
const results = join(root, 'coverage');
const require = createRequire(import.meta.url);
const started = performance.now();

if (process.argv.includes('--containers')) process.env.JOBHIVE_TEST_SERVERS = 'containers';
forgetResults();

console.log('lint and types of the whole workspace, then tests and builds of all projects, as they end:');
const failed = [];
await nx(['show', 'projects']); // its graph is what the lint rule of the layers reads
let failedRuns = 0;
const linted = lint();
await types();
// Three at once, one more than the processors of a small machine: tests mostly wait, for servers and for times.
await run(['run-many', '-t', 'test,build', '--parallel=3']);
await linted;
console.log('end-to-end tests:');
await run(['run-many', '-t', 'e2e', '--parallel=1']);

const sums = { passed: 0, failed: 0 };
for (const { passed, failed: broken, names } of countedTests()) {
  sums.passed += passed;
  sums.failed += broken;
  for (const name of names) console.log(`failed test: ${name}`);
}
sums.failed += failed.filter((task) => !toldByTests(task)).length + failedRuns;
if (failed.length > 0) console.log(`failed: ${failed.join(' ')}`);
console.log(`${sums.passed} passed, ${sums.failed} failed`);
process.exitCode = sums.failed === 0 ? 0 : 1;

async function lint() {
  const { code, output } = await runPackage('eslint', 'bin/eslint.js', ['.'], constants.priority.PRIORITY_LOW);
  tellCheck('lint', code, output);
}

async function types() {
  let output = '';
  for (const folder of PROGRAMS) {
    const checked = await runPackage('typescript', 'bin/tsc', ['--noEmit', '-p', folder]);
    if (checked.code !== 0) output += checked.output;
  }
  tellCheck('types', output === '' ? 0 : 1, output);
}

function tellCheck(name, code, output) {
  told(name);
  if (code === 0) return;
  failed.push(name);
  console.log(output);
}

/** Runs a package's own program, from its file: no shell, no PATH. One of low priority gives way to what is started beside it. */
function runPackage(packageName, file, args, priority = constants.priority.PRIORITY_NORMAL) {
  const path = join(dirname(require.resolve(`${packageName}/package.json`)), file);
  const child = spawn(process.execPath, [path, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.pid !== undefined) setPriority(child.pid, priority);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

function told(task) {
  console.log(`  ${String(Math.round((performance.now() - started) / 1000)).padStart(4)} s  ${task}`);
}

/** Runs Nx, with a line for each task when it has ended; at the end shows what the failed ones had to say. */
async function run(args) {
  const cache = process.env.JOBHIVE_TEST_SERVERS ? ['--skip-nx-cache'] : [];
  const onLine = (line) => {
    const [, task] = TASK.exec(line) ?? [];
    if (task !== undefined) told(task);
  };
  const { code, output } = await nx([...args, ...cache, '--outputStyle=static'], onLine);
  if (code === 0) return;
  const tasks = tasksThatFailed(output);
  const sections = output.split(/^(?=> nx run )/m);
  const telling = sections.filter((section) => tasks.includes(TASK.exec(section)?.[1]));
  console.log((telling.length > 0 ? telling : sections).join('\n'));
  failed.push(...tasks);
  if (tasks.length === 0) failedRuns += 1; // Nx itself
}

/** Nx lists them at the end of its output. */
function tasksThatFailed(output) {
  const list = output.slice(output.lastIndexOf('Failed tasks:'));
  return [...list.matchAll(/^- (\S+:\S+)$/gm)].map(([, task]) => task);
}

/** Old results must not count, should a run die before it writes new ones. What Nx has cached it restores. */
function forgetResults() {
  for (const project of projectsWithResults()) rmSync(join(results, project, 'results.json'), { force: true });
}

function* countedTests() {
  for (const project of projectsWithResults()) {
    const file = join(results, project, 'results.json');
    if (!existsSync(file)) continue;
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
    yield { project, passed: numPassedTests, failed: numFailedTests, names: namesOfFailed(testResults) };
  }
}

function namesOfFailed(files) {
  return files.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName }) => `${relative(root, name)} > ${fullName}`),
  );
}

/** A failed test run whose failed tests are counted already (not: a file that did not load, coverage below its threshold). */
function toldByTests(task) {
  const [project, target] = task.split(':');
  if (target !== 'test' && target !== 'e2e') return false;
  return [...countedTests()].some((counted) => counted.project === project && counted.failed > 0);
}

function projectsWithResults() {
  return existsSync(results) ? readdirSync(results) : [];
}
