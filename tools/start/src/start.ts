/**
 * `npm start`: services, schema, the sample postings, three workers, the dashboard, and what they come to. It ends when it is asked to, or with
 * `once` when every job is settled; either way the programs stop first (within SHUTDOWN_GRACE + 5 s), then the services. A
 * program that ends by itself ends all of it, with 1.
 */
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Environment, readEnvironment, runProgram } from '@jobhive/config';
import { type DevServices, useDevServices } from '@jobhive/servers';
import { dashboardPortWords } from './dashboard-port.ts';
import { keepRunning, type RunningProgram, runToEnd, type Workspace } from './programs.ts';
import { progressLine } from './progress.ts';
import { type Screen, screenOn } from './screen.ts';
import { parseStatus, settled, type Status } from './status.ts';
import { summary, whatNext } from './summary.ts';

export interface StartOptions {
  readonly once: boolean;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const SAMPLES = 'file:tools/samples/postings.ndjson';
const WORKERS = ['worker-1', 'worker-2', 'worker-3'];
const STOP_MARGIN_MS = 5_000;

/** Takes this process over. */
export function main(options: StartOptions): void {
  runProgram(async (shutdown) => {
    const environment = readEnvironment();
    const screen = screenOn(process.stdout);
    screen.say('Starting Redis and Postgres …');
    const services = await unlessAborted(useDevServices(ROOT), shutdown);
    try {
      await work({ options, environment, screen, shutdown, workspace: workspaceOf(environment, services) });
    } finally {
      if (shutdown.aborted) screen.say('Stopping …');
      await services.release();
      if (shutdown.aborted) screen.say('Stopped.');
    }
  });
}

interface Run {
  readonly options: StartOptions;
  readonly environment: Environment;
  readonly screen: Screen;
  readonly shutdown: AbortSignal;
  readonly workspace: Workspace;
}

async function work(run: Run): Promise<void> {
  const { screen, shutdown, workspace, options } = run;
  await runToEnd(workspace, 'monitor-cli', ['migrate'], shutdown);
  const before = await statusNow(run);
  const begun = performance.now();
  screen.say('Polling the sample postings …');
  await runToEnd(workspace, 'poller', ['--source', SAMPLES, '--auto-enqueue', '--once'], shutdown, (line) =>
    screen.say(`  ${line}`),
  );
  const programs = await startPrograms(run);
  try {
    if (!options.once) screen.say(whatNext(false));
    const after = await watched(run, programs);
    if (after === undefined) return;
    const outputDir = relative(process.cwd(), resolve(ROOT, run.environment.outputDir)) || '.';
    screen.say(
      `\n${summary({ before: before.counts, after: after.counts, durationMs: performance.now() - begun, outputDir })}\n`,
    );
    screen.say(whatNext(true));
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
  }
}

async function startPrograms(run: Run): Promise<RunningProgram[]> {
  const { options, workspace } = run;
  const dashboard = await startDashboard(run);
  const programs = WORKERS.map((name) => keepRunning(workspace, 'worker', name, ['--name', name]));
  if (!options.once) programs.push(keepRunning(workspace, 'poller', 'poller', ['--source', SAMPLES, '--auto-enqueue']));
  return [dashboard, ...programs];
}

/** Its address is said as soon as it listens. */
async function startDashboard({ environment, screen, workspace }: Run): Promise<RunningProgram> {
  const { dashboardHost: host, dashboardPort: port } = environment;
  const words = await dashboardPortWords(workspace.env['DASHBOARD_PORT'], { host, port });
  return keepRunning(workspace, 'monitor-cli', 'dashboard', ['dashboard', ...words], (line) =>
    screen.say(line.replace(/^dashboard: /, 'The dashboard is at ')),
  );
}

/** Shows progress until all is settled (with `once`) or the end is asked for (then undefined). */
async function watched(run: Run, programs: readonly RunningProgram[]): Promise<Status | undefined> {
  let finish: (status: Status) => void = () => undefined;
  const finished = new Promise<Status>((resolve) => (finish = resolve));
  const onLine = (line: string): void => {
    const status = parseStatus(line);
    if (status === undefined) return;
    run.screen.progress(progressLine(status));
    if (run.options.once && settled(status)) finish(status);
  };
  const watch = keepRunning(run.workspace, 'monitor-cli', 'status', ['status', '--watch', '--json'], onLine);
  try {
    const died = [watch, ...programs].map(async (program) => Promise.reject(await program.died));
    return await Promise.race([finished, asked(run.shutdown), ...died]);
  } finally {
    await watch.stop();
  }
}

async function statusNow({ workspace, shutdown }: Run): Promise<Status> {
  let answer = '';
  await runToEnd(workspace, 'monitor-cli', ['status', '--json'], shutdown, (line) => (answer += line));
  const status = parseStatus(answer);
  if (status === undefined) throw new Error(`monitor-cli status answered ${answer.slice(0, 200)}: build it anew`);
  return status;
}

function workspaceOf(environment: Environment, { redisUrl, databaseUrl }: DevServices): Workspace {
  const env = { ...process.env, REDIS_URL: redisUrl, DATABASE_URL: databaseUrl };
  return { root: ROOT, env, graceMs: environment.shutdownGraceSeconds * 1000 + STOP_MARGIN_MS };
}

function asked(shutdown: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (shutdown.aborted) resolve(undefined);
    shutdown.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

/** Services that come up after the end was asked for are given up with our connection to their keeper. */
async function unlessAborted<T>(promise: Promise<T>, shutdown: AbortSignal): Promise<T> {
  const value = await Promise.race([promise, asked(shutdown)]);
  shutdown.throwIfAborted();
  // Not undefined: that comes only from an aborted signal, which has just thrown.
  return value as T;
}
