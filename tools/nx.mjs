/**
 * Runs this workspace's Nx: `node tools/nx.mjs TARGET PROJECT`, quietly: its output is shown only where it fails. As a module it
 * gives others the same, and the way Nx is called.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs Nx; `onLine` is called for each line it prints. Resolves with exit code and whole output. */
export function nx(args, onLine = () => undefined) {
  const file = createRequire(import.meta.url).resolve('nx/bin/nx.js');
  const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: process.stdout.isTTY ? '1' : '0' };
  const child = spawn(process.execPath, [file, ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let interrupted = false;
  const handOn = (signal) => {
    interrupted = true;
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, handOn);
  let output = '';
  let rest = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach((line) => onLine(line));
    });
  }
  return new Promise((resolve) => {
    child.on('close', (code) => {
      for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, handOn);
      resolve({ code: code ?? 1, output, interrupted });
    });
  });
}

/** Builds these projects; on failure shows what Nx said, and ends the process (with 0 where it was asked to end). */
export async function buildOrExit(...projects) {
  const { code, output, interrupted } = await nx([
    'run-many',
    '-t',
    'build',
    '-p',
    projects.join(','),
    '--outputStyle=static',
  ]);
  if (interrupted) process.exit(0);
  if (code === 0) return;
  process.stderr.write(output);
  console.error(`error: the build failed: see above`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { code, output } = await nx(process.argv.slice(2));
  if (code !== 0) process.stderr.write(output);
  process.exitCode = code;
}
