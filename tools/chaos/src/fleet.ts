/**
 * The workers: real processes of the built program, one for each place of the fleet, each incarnation under a name of its own.
 * One that ends, however it ends, is replaced at once, until the fleet is closed. It keeps the record of lives and absences,
 * by which the judge tells a spent attempt that law 4 names from one that it does not.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { forgetProcess, guardProcess } from '@jobhive/servers';
import type { Absence, WorkerLife } from './evidence.ts';
import type { Effect } from './faults/fault.ts';

export interface FleetOptions {
  readonly program: string;
  readonly places: number;
  readonly logFolder: string;
  readonly env: (place: number, name: string) => Readonly<Record<string, string>>;
}

/** One process, and no later one of its place. */
export interface Worker {
  readonly pid: number;
  readonly logFile: string;
  /** SIGKILL. @returns whether it was met alive */
  kill(): boolean;
  /** SIGSTOP, and SIGCONT after the time. */
  freeze(forMs: number): Promise<Effect>;
  /** SIGTERM; resolves when it has ended. */
  end(): Promise<void>;
  /** Notes that something keeps it from renewing while `during` runs; nothing is noted where that missed it. */
  absent(why: string, during: () => Promise<Effect>): Promise<Effect>;
}

export interface Fleet {
  readonly lives: readonly WorkerLife[];
  readonly absences: readonly Absence[];
  readonly places: number;
  start(): void;
  /** The process that stands at this place now. */
  worker(place: number): Worker | undefined;
  /** SIGTERM to all; what has not ended within the bound is killed, and counts as overdue. */
  close(boundMs: number): Promise<string[]>;
  /** SIGKILL to all, for an end that proves nothing. */
  abandon(): void;
}

interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly life: WorkerLife;
  readonly exited: Promise<void>;
}

export function createFleet(options: FleetOptions): Fleet {
  const lives: WorkerLife[] = [];
  const absences: Absence[] = [];
  const running: (Running | undefined)[] = [];
  let open = false;
  const births = Array.from({ length: options.places }, () => 0);
  const rise = (place: number): void => {
    births[place] = (births[place] ?? 0) + 1;
    const one = launch(options, place, `w${String(place)}-${String(births[place])}`);
    lives.push(one.life);
    running[place] = one;
    void one.exited.then(() => {
      if (one.life.signal === 'SIGKILL' && one.life.killedMs === undefined)
        absences.push(absence(one.life, 'killed by its stage', one.life.endedMs ?? 0, Infinity));
      if (open) rise(place);
    });
  };
  return {
    lives,
    absences,
    places: options.places,
    start: () => {
      open = true;
      for (let place = 0; place < options.places; place += 1) rise(place);
    },
    worker: (place) => {
      const one = running[place % options.places];
      const logFile = join(options.logFolder, `${one?.life.name ?? ''}.log`);
      return one === undefined ? undefined : workerOf(one, logFile, absences);
    },
    close: async (boundMs) => {
      open = false;
      return endAll(running, boundMs);
    },
    abandon: () => {
      open = false;
      for (const one of running) one?.child.kill('SIGKILL');
    },
  };
}

function workerOf({ child, pid, life, exited }: Running, logFile: string, absences: Absence[]): Worker {
  const signalled = (signal: NodeJS.Signals): boolean => life.endedMs === undefined && child.kill(signal);
  const absent: Worker['absent'] = async (why, during) => {
    const away = absence(life, why, Date.now(), Infinity);
    absences.push(away);
    const effect = await during();
    if (effect === 'missed') absences.splice(absences.indexOf(away), 1);
    away.toMs = Date.now();
    return effect;
  };
  return {
    pid,
    logFile,
    kill: () => {
      const nowMs = Date.now();
      if (life.killedMs !== undefined || !signalled('SIGKILL')) return false;
      life.killedMs = nowMs;
      absences.push(absence(life, 'killed', nowMs, Infinity));
      return true;
    },
    freeze: (forMs) =>
      absent('frozen', async () => {
        if (life.killedMs !== undefined || !signalled('SIGSTOP')) return 'missed';
        await pause(forMs);
        signalled('SIGCONT');
        return 'took effect';
      }),
    end: async () => {
      life.termedMs ??= Date.now();
      signalled('SIGTERM');
      await exited;
    },
    absent,
  };
}

const absence = ({ name }: WorkerLife, why: string, fromMs: number, toMs: number): Absence => ({
  worker: name,
  why,
  fromMs,
  toMs,
});

function launch({ program, logFolder, env }: FleetOptions, place: number, name: string): Running {
  const { PATH, HOME } = process.env;
  const log = openSync(join(logFolder, `${name}.log`), 'a', 0o600);
  // The port of the debugger, should loop-block.ts wake it, is a free one.
  const child = spawn(process.execPath, ['--inspect-port=0', program, '--name', name], {
    env: { ...(PATH === undefined ? {} : { PATH }), ...(HOME === undefined ? {} : { HOME }), ...env(place, name) },
    cwd: logFolder,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${process.execPath} cannot be run`);
  guardProcess(pid, 'SIGKILL');
  const life: WorkerLife = {
    name,
    side: place % 2 === 0 ? 0 : 1,
    startedMs: Date.now(),
    endedMs: undefined,
    code: null,
    signal: null,
    termedMs: undefined,
    killedMs: undefined,
  };
  const exited = new Promise<void>((resolve) =>
    child.once('exit', (code, signal) => {
      forgetProcess(pid);
      Object.assign(life, { endedMs: Date.now(), code, signal });
      resolve();
    }),
  );
  return { child, pid, life, exited };
}

async function endAll(running: readonly (Running | undefined)[], boundMs: number): Promise<string[]> {
  const alive = running.filter((one) => one !== undefined).filter(({ life }) => life.endedMs === undefined);
  for (const { child, life } of alive) {
    life.termedMs ??= Date.now();
    child.kill('SIGTERM');
  }
  const over = new AbortController();
  const late = pause(boundMs, 'late' as const, { signal: over.signal }).catch(() => 'early' as const); // all have ended
  await Promise.race([Promise.all(alive.map(({ exited }) => exited)), late]);
  over.abort();
  const stuck = alive.filter(({ life }) => life.endedMs === undefined);
  for (const { child, exited } of stuck) {
    child.kill('SIGKILL');
    await exited;
  }
  return stuck.map(({ life }) => `worker ${life.name} had not ended ${String(boundMs)} ms after SIGTERM`);
}
