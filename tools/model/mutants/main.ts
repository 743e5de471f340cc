/**
 * Breaks the system in many small ways, one at a time, each in a throw-away copy of the tree, and runs the tests that are there
 * to notice. Prints a table, writes it into README.md beside this file, and exits 1 where fewer than 95 % were caught.
 *
 *     npm run mutants [-- --only TEXT] [--project libs/db] [--proved]
 *
 * `--only` and `--project` choose, and write nothing; `--proved` leaves out the proof that the tests pass on the sound tree. A run of all takes about twenty minutes on two cores.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CODE_MUTANTS } from './code-mutants.ts';
import { copyOfTree } from './copy-of-tree.ts';
import { mutated, type Mutant } from './mutant.ts';
import { SQL_MUTANTS } from './sql-mutants.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const README = fileURLToPath(new URL('README.md', import.meta.url));
const SHARE_MIN = 0.95;
const AT_ONCE = 2;
/** A mutant that makes its tests hang is caught. */
const RUN_MAX_MS = 240_000;
const PROOF_MAX_MS = 1_200_000;

type Verdict = 'caught' | 'hung' | 'survived';

const OPTIONS = {
  only: { type: 'string', default: '' },
  project: { type: 'string', default: '' },
  proved: { type: 'boolean', default: false },
} as const;
const { values } = parseArgs({ options: OPTIONS });
const chosen = [...SQL_MUTANTS, ...CODE_MUTANTS].filter(
  ({ name, project }) => name.includes(values.only) && project.includes(values.project),
);
for (const mutant of chosen) mutated(readFileSync(join(ROOT, mutant.file), 'utf8'), mutant); // all apply, before any is run
if (!values.proved) await proveSound(chosen);
const verdicts = await runAll(chosen);
const caught = [...verdicts.values()].filter((verdict) => verdict !== 'survived').length;
const share = chosen.length === 0 ? 0 : caught / chosen.length;
console.log(`${String(caught)} of ${String(chosen.length)} caught (${(share * 100).toFixed(1)} %)`);
if (values.only === '' && values.project === '') writeTable(verdicts, caught);
process.exitCode = share >= SHARE_MIN ? 0 : 1;

/** The same tests on the sound tree: where they fail there, a failure says nothing. @throws */
async function proveSound(all: readonly Mutant[]): Promise<void> {
  const tree = copyOfTree(ROOT);
  await Promise.all(testsByProject(all).map((run) => mustPass(tree.folder, run))).finally(() => {
    tree.remove();
  });
}

function testsByProject(all: readonly Mutant[]): Pick<Mutant, 'project' | 'tests'>[] {
  return [...new Set(all.map(({ project }) => project))].map((project) => {
    const tests = all.filter((mutant) => mutant.project === project).flatMap((mutant) => mutant.tests);
    return { project, tests: [...new Set(tests)] };
  });
}

async function mustPass(folder: string, run: Pick<Mutant, 'project' | 'tests'>): Promise<void> {
  const verdict = await runTests(folder, run, PROOF_MAX_MS);
  if (verdict === 'survived') return;
  throw new Error(
    `the tests of ${run.project} ${verdict === 'hung' ? 'do not end' : 'fail'} without a mutant; mend them first`,
  );
}

/** Two copies, each with one mutant at a time. */
async function runAll(all: readonly Mutant[]): Promise<Map<Mutant, Verdict>> {
  const queue = [...all];
  const found = new Map<Mutant, Verdict>();
  const lane = async (): Promise<void> => {
    const copy = copyOfTree(ROOT);
    try {
      for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
        const verdict = await runOne(copy.folder, mutant);
        found.set(mutant, verdict);
        console.log(`${verdict.padEnd(8)} ${mutant.name}`);
      }
    } finally {
      copy.remove();
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, all.length) }, lane));
  return new Map(all.flatMap((mutant) => (found.has(mutant) ? [[mutant, found.get(mutant) ?? 'survived']] : [])));
}

async function runOne(folder: string, mutant: Mutant): Promise<Verdict> {
  const path = join(folder, mutant.file);
  const sound = readFileSync(path, 'utf8');
  writeFileSync(path, mutated(sound, mutant));
  try {
    return await runTests(folder, mutant, RUN_MAX_MS);
  } finally {
    writeFileSync(path, sound);
  }
}

/** The first failing test ends the run; the tests' own servers are started and ended by it. */
function runTests(
  folder: string,
  { project, tests }: Pick<Mutant, 'project' | 'tests'>,
  boundMs: number,
): Promise<Verdict> {
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--root', project, '--bail=1', '--coverage.enabled=false', '--reporter=dot', ...tests];
  const child = spawn(process.execPath, [vitest, ...args], { cwd: folder, stdio: 'ignore', detached: true });
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      resolve('hung');
    }, boundMs);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(late);
      resolve(code === 0 ? 'survived' : 'caught');
    });
  });
}

function writeTable(found: ReadonlyMap<Mutant, Verdict>, count: number): void {
  const rows = [...found].map(([{ name, file }, verdict]) => `| ${name} | ${file} | ${verdict} |`);
  const date = new Date().toISOString().slice(0, 10);
  const figure = `**${String(count)} of ${String(found.size)} caught** (${((100 * count) / found.size).toFixed(1)} %), ${date}.`;
  const table = [figure, '', '| wrong | in | |', '| --- | --- | --- |', ...rows].join('\n');
  const [head = ''] = readFileSync(README, 'utf8').split('<!-- figures -->');
  writeFileSync(README, `${head}<!-- figures -->\n\n${table}\n`);
}
