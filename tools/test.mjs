/**
 * `npm test`: lint, types, tests and builds of all projects, then the end-to-end tests. Says what each came to, shows the output of
 * what failed, and ends with the line `N passed, N failed`: tests, and one failure for each other check that failed. A test
 * run that died without saying which test failed counts as one failure too. `--containers` runs the servers in containers.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { nx, root } from './nx.mjs';

const TARGETS = ['lint', 'typecheck', 'test', 'build'];
const TASK = /^> nx run (\S+)/;
const results = join(root, 'coverage');

if (process.argv.includes('--containers')) process.env.JOBHIVE_TEST_SERVERS = 'containers';
forgetResults();

console.log(`${TARGETS.join(', ')} of all projects, as they end:`);
const first = await run(['run-many', '-t', TARGETS.join(',')]);
console.log('end-to-end tests:');
const second = await run(['run', 'scenarios:e2e']);

const sums = { passed: 0, failed: 0 };
for (const { passed, failed } of countedTests()) {
  sums.passed += passed;
  sums.failed += failed;
}
const failedTasks = [...first.failedTasks, ...second.failedTasks];
const failedChecks = failedTasks.filter((task) => !toldByTests(task)).length;
sums.failed += failedChecks;
for (const { code, failedTasks: told } of [first, second]) if (code !== 0 && told.length === 0) sums.failed += 1; // Nx itself
if (failedTasks.length > 0) console.log(`failed: ${failedTasks.join(' ')}`);
console.log(`${sums.passed} passed, ${sums.failed} failed`);
process.exitCode = sums.failed === 0 ? 0 : 1;

/** Runs Nx, with a line for each task when it has ended; at the end shows what the failed ones had to say. */
async function run(args) {
  const cache = process.env.JOBHIVE_TEST_SERVERS ? ['--skip-nx-cache'] : [];
  const onLine = (line) => {
    const [, task] = TASK.exec(line) ?? [];
    if (task !== undefined) console.log(`  ${task}`);
  };
  const { code, output } = await nx([...args, ...cache, '--outputStyle=static'], onLine);
  const failedTasks = code === 0 ? [] : tasksThatFailed(output);
  const sections = output.split(/^(?=> nx run )/m);
  const telling = sections.filter((section) => failedTasks.includes(TASK.exec(section)?.[1]));
  if (code !== 0) console.log((telling.length > 0 ? telling : sections).join('\n'));
  return { code, failedTasks };
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
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(file, 'utf8'));
    yield { project, passed: numPassedTests, failed: numFailedTests };
  }
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
