/**
 * Installs the dependencies where that is needed: `npm ci`, when the lock file, Node's ABI or the platform are others than at
 * the last time. Its output goes to stderr, so that what follows owns stdout. Needs no dependency itself.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NODE_MIN = [20, 19];
const root = fileURLToPath(new URL('..', import.meta.url));
const mark = `${root}/node_modules/.jobhive-installed`;

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
  fail(`Node ${process.versions.node} is too old: install Node ${NODE_MIN.join('.')} or later`);
}

const wanted = createHash('sha256')
  .update(readFileSync(`${root}/package-lock.json`))
  .update(`${process.versions.modules} ${process.platform} ${process.arch}`)
  .digest('hex');

if (read(mark) !== wanted) {
  console.error('Installing the dependencies (npm ci; about a minute the first time) …');
  const [command, args] = npm();
  const started = Date.now();
  const { status, error } = spawnSync(command, [...args, 'ci'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0)
    fail(`npm ci failed (${error?.message ?? `exit ${status}`}): see its lines above; it needs the npm registry`);
  writeFileSync(mark, wanted);
  console.error(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
}

/** The npm that runs us, else the one on the PATH. */
function npm() {
  const path = process.env.npm_execpath;
  return path?.endsWith('.js') || path?.endsWith('.cjs') ? [process.execPath, [path]] : ['npm', []];
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // never installed by us
  }
}

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}
