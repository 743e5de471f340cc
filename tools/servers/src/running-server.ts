/**
 * One running server, Redis or Postgres, as tests and the keeper hold it: it can be stopped, killed and started again on
 * the same port and data. Nothing is removed before `remove()` or the end of the owner, so a stopped server can return.
 */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ServerStartError } from './errors.ts';
import { forgetFolder, guardFolder } from './guard.ts';
import { type Command, type OwnedProcess, spawnOwned } from './owned-process.ts';
import { freePort } from './port.ts';

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now; another one after `restart()`. */
  readonly pid: number;
  readonly dataDir: string;
  /** Ends it in order, or as the signal says. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again (stopping it first where it runs), on the same port and data. */
  restart(): Promise<void>;
  /** Stops it for good and removes throw-away data. */
  remove(): Promise<void>;
}

export interface ServerPlan {
  readonly name: string;
  readonly dataDir: string;
  readonly logFile: string;
  /** Removed with the server, or with its owner; undefined for data that is kept. */
  readonly throwAwayFolder: string | undefined;
  readonly port: number | undefined;
  readonly stopSignal: NodeJS.Signals;
  /** What the guard sends when we are gone. */
  readonly orphanSignal: NodeJS.Signals;
  command(port: number): Command;
  url(port: number): string;
  ready(port: number, pid: number): Promise<boolean>;
}

const READY_MS = 60_000;
const RESTART_MS = 20_000;
const PORT_TRIES_MAX = 5;

export async function runServer(plan: ServerPlan): Promise<RunningServer> {
  if (plan.throwAwayFolder !== undefined) guardFolder(plan.throwAwayFolder);
  for (let tries = 1; ; tries += 1) {
    const port = plan.port ?? (await freePort());
    try {
      return running(plan, port, await launch(plan, port));
    } catch (error) {
      const again = error instanceof ServerStartError && error.portTaken && plan.port === undefined;
      if (!again || tries === PORT_TRIES_MAX) throw error;
    }
  }
}

function running(plan: ServerPlan, port: number, first: OwnedProcess): RunningServer {
  let current = first;
  return {
    url: plan.url(port),
    port,
    dataDir: plan.dataDir,
    get pid() {
      return current.pid;
    },
    stop: (signal = plan.stopSignal) => current.end(signal),
    kill: () => current.end('SIGKILL'),
    restart: async () => {
      await current.end(plan.stopSignal);
      current = await launchAgain(plan, port);
    },
    remove: async () => {
      await current.end(plan.throwAwayFolder === undefined ? plan.stopSignal : plan.orphanSignal);
      if (plan.throwAwayFolder === undefined) return;
      rmSync(plan.throwAwayFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      forgetFolder(plan.throwAwayFolder);
    },
  };
}

/** After a SIGKILL the port, or Postgres' shared memory, may stay taken for a moment. */
async function launchAgain(plan: ServerPlan, port: number): Promise<OwnedProcess> {
  const deadline = performance.now() + RESTART_MS;
  for (;;) {
    try {
      return await launch(plan, port);
    } catch (error) {
      if (!(error instanceof ServerStartError) || performance.now() > deadline) throw error;
      await pause(100);
    }
  }
}

async function launch(plan: ServerPlan, port: number): Promise<OwnedProcess> {
  const logStart = existsSync(plan.logFile) ? statSync(plan.logFile).size : 0;
  const server = await spawnOwned(plan.command(port), plan.logFile, plan.orphanSignal);
  const deadline = performance.now() + READY_MS;
  while (server.alive() && performance.now() < deadline) {
    if (await plan.ready(port, server.pid)) return server;
    await pause(5);
  }
  const how = server.alive() ? `was not ready within ${READY_MS / 1000} s` : 'ended at once';
  await server.end('SIGKILL');
  throw new ServerStartError(
    `${plan.name} ${how}`,
    readFileSync(plan.logFile, 'utf8').slice(logStart).slice(-2000).trim(),
  );
}
