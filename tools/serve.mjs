/**
 * Runs a built program for `nx serve`, and again after each build. Restarts go one after the other (two builds in a row would
 * leave two children). Where no service is configured, the private ones of this working copy are used while it serves, and the
 * private database is migrated; one that was configured is its owner's to migrate.
 */
import { spawn } from 'node:child_process';
import { register } from 'tsx/esm/api';

/** Above the program's own bound for an orderly end. */
const MARGIN_MS = 5_000;

export async function programRunner(root, program, args) {
  const services = await devServices(root);
  const env = { ...process.env, REDIS_URL: services.redisUrl, DATABASE_URL: services.databaseUrl };
  const graceMs = Number(process.env.SHUTDOWN_GRACE || 30) * 1000 + MARGIN_MS;
  let child;
  let chain = Promise.resolve();
  let ending = false;
  let stopped;

  const stop = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    stopped = child;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await gone;
    clearTimeout(force);
  };
  const start = () => {
    if (ending) return;
    // In a process group of its own: Ctrl-C in the terminal reaches us, and from us it goes on once.
    child = spawn(process.execPath, [program, ...args], { stdio: 'inherit', env, detached: true });
    child.on('error', (error) => console.error(`error: ${program} cannot be run: ${error.message}`));
    const started = child;
    child.on('exit', (code) => {
      if (stopped !== started) console.error(`${program} ended with ${code}; it starts again at the next change`);
    });
  };
  const restart = () => {
    chain = chain.then(stop).then(start);
  };
  const ended = new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        if (ending) return;
        ending = true;
        chain = chain.then(stop).then(() => services.release());
        chain.then(done, done);
      });
    }
  });
  process.on('exit', () => child?.kill('SIGKILL'));
  return { restart, ended };
}

async function devServices(root) {
  const unregister = register();
  const { configuredDatabaseUrl, useDevServices } = await import('./servers/src/index.ts');
  try {
    const services = await useDevServices(root);
    if (configuredDatabaseUrl() === undefined) {
      const { migrate } = await import('../libs/db/src/migrate.ts');
      await migrate(services.databaseUrl);
    }
    return services;
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exit(1);
  } finally {
    await unregister();
  }
}
