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

export interface FleetOptions {
  readonly program: string;
  readonly places: number;
  readonly logFolder: string;
  readonly env: (place: number, name: string) => Readonly<Record<string, string>>;
}

export interface Fleet {
  readonly lives: readonly WorkerLife[];
  readonly absences: readonly Absence[];
  readonly places: number;
  start(): void;
  pid(place: number): number | undefined;
  logFile(place: number): string;
  kill(place: number): void;
  /** SIGSTOP, and SIGCONT after the time. */
  freeze(place: number, forMs: number): Promise<void>;
  /** SIGTERM; resolves when it has ended. */
  replace(place: number): Promise<void>;
  /** Whatever keeps the worker of this place from renewing while `during` runs. */
  readonly absent: (place: number, why: string, during: () => Promise<void>) => Promise<void>;
  /** SIGTERM to all; what has not ended within the bound is killed, and counts as overdue. */
  close(boundMs: number): Promise<string[]>;
  /** SIGKILL to all, for an end that proves nothing. */
  abandon(): void;
}

interface Running {
  readonly child: ChildProcess;
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
  const at: At = (place) => running[place % options.places];
  const absent: Fleet['absent'] = async (place, why, during) => {
    const one = at(place);
    const away = one === undefined ? undefined : absence(one.life, why, Date.now(), Infinity);
    if (away !== undefined) absences.push(away);
    await during();
    if (away !== undefined) away.toMs = Date.now();
  };
  return {
    lives,
    absences,
    places: options.places,
    start: () => {
      open = true;
      for (let place = 0; place < options.places; place += 1) rise(place);
    },
    pid: (place) => at(place)?.child.pid,
    logFile: (place) => join(options.logFolder, `${at(place)?.life.name ?? ''}.log`),
    ...acts(at, absences, absent),
    absent,
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

type At = (place: number) => Running | undefined;

function acts(at: At, absences: Absence[], absent: Fleet['absent']): Pick<Fleet, 'kill' | 'freeze' | 'replace'> {
  return {
    kill: (place) => {
      const one = at(place);
      if (one === undefined) return;
      one.life.killedMs ??= Date.now();
      absences.push(absence(one.life, 'killed', Date.now(), Infinity));
      one.child.kill('SIGKILL');
    },
    freeze: async (place, forMs) => {
      const one = at(place);
      await absent(place, 'frozen', async () => {
        one?.child.kill('SIGSTOP');
        await pause(forMs);
        one?.child.kill('SIGCONT');
      });
    },
    replace: async (place) => {
      const one = at(place);
      if (one === undefined) return;
      one.life.termedMs ??= Date.now();
      one.child.kill('SIGTERM');
      await one.exited;
    },
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
  return { child, life, exited };
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
