// From the words of a command line to its exit code: judge the words, read the configuration, open the stores, wait for
// those that are needed (bounded), act, and close again, in every case within two seconds.
import { readEnvironment, silentLogger, systemClock, UsageError, type Clock } from '@jobhive/config';
import { openQueue, requireServices, type OpenQueue } from '@jobhive/queue';
import { asker } from './asker.ts';
import type { Act, Needs } from './command.ts';
import { COMMANDS } from './commands.ts';
import { operatorLog } from './operator-log.ts';
import { parseCommandLine } from './parse-command-line.ts';
import { createOutput, type Streams } from './print/output.ts';

export interface Ground extends Streams {
  readonly shutdown: AbortSignal;
  readonly clock?: Clock;
}

/** How long a store that is only wanted may take to be dialled. */
const WANTED_MS = 3000;

async function waitForStores(open: OpenQueue, needs: Needs): Promise<void> {
  const wanted = needs.redis === 'wanted' ? open.redis.ready(WANTED_MS).catch(() => undefined) : undefined; // its absence is part of the answer
  await requireServices(open, {
    postgres: needs.postgres === 'needed',
    redis: needs.redis === 'needed',
    migrated: needs.migrated,
  });
  await wanted;
}

/** Rejects with the reason when the end is asked for; what goes on behind it changes nothing more than it had begun. */
async function unlessEnded<T>(work: Promise<T>, shutdown: AbortSignal): Promise<T> {
  let leave: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    // The reason is ShutdownRequested, an Error; the platform types it as any.
    leave = () => reject(shutdown.reason as Error);
    if (shutdown.aborted) leave();
    else shutdown.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([work, ended]);
  } finally {
    if (leave !== undefined) shutdown.removeEventListener('abort', leave);
  }
}

async function perform(act: Act, json: boolean, ground: Ground): Promise<number> {
  const { stderr, env, shutdown, clock = systemClock } = ground;
  act.requires?.();
  const environment = readEnvironment(env);
  const drawnOver = act.fullScreen === true && 'isTTY' in stderr && stderr.isTTY === true;
  const log = drawnOver ? silentLogger : operatorLog(environment, stderr);
  const open = openQueue({ environment, log, role: 'operator', applicationName: 'jobhive-monitor' });
  try {
    await unlessEnded(waitForStores(open, act.needs), shutdown);
    const setting = { environment, open, log, clock, shutdown, stderr, by: asker(), out: createOutput(ground, json) };
    const work = act.run(setting);
    return (await (act.heedsShutdown === true ? work : unlessEnded(work, shutdown))) ?? 0;
  } finally {
    await open.stop();
  }
}

/** @throws what runProgram() maps to a line and an exit code */
export async function runCommandLine(words: readonly string[], ground: Ground): Promise<number> {
  const out = createOutput(ground, false);
  const line = await parseCommandLine(words, COMMANDS, out.columns());
  if (line.kind === 'act') return perform(line.act, line.json, ground);
  if (line.kind === 'say') {
    if (line.text !== '') out.lines(line.text);
    return 0;
  }
  ground.stderr.write(`${line.help}\n\n`);
  throw new UsageError('no command was given; name one of the list, such as `monitor-cli status`');
}
