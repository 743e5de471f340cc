/**
 * `npm run monitor -- …` and `nx run monitor-cli`: the built monitor-cli with the same arguments and exit code. Where no
 * service is configured it gets the addresses of those that this working copy runs now; it starts none.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = `${root}/dist/apps/monitor-cli/main.js`;

if (!existsSync(program)) fail('monitor-cli is not built: run `npx nx build monitor-cli`');

register();
const { findDevServices } = await import('./servers/src/index.ts');
const addresses = needsServices(process.argv.slice(2)) ? await findDevServices(root) : {};
if (addresses === undefined) {
  fail(
    'no services run in this working copy: start them with `npm start` or `nx serve worker`, or set REDIS_URL and DATABASE_URL',
  );
}
const found =
  addresses.redisUrl === undefined ? {} : { REDIS_URL: addresses.redisUrl, DATABASE_URL: addresses.databaseUrl };
const child = spawn(process.execPath, [program, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, ...found },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
/** npm (or a shell) that was killed takes nobody with it: a `top` that nobody sees must not hold the terminal. */
const starter = process.ppid;
const look = setInterval(() => process.ppid !== starter && child.kill('SIGTERM'), 1000);
look.unref();
child.on('exit', (code, signal) => (process.exitCode = code ?? (signal === 'SIGKILL' ? 137 : 1)));

/** Help, version and completion are the program's own answers. */
function needsServices(args) {
  return args[0] !== 'completion' && !args.some((arg) => ['--help', '-h', '--version'].includes(arg));
}

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}
