// From the words of a command line to its exit code: judge the words, read the configuration, open the stores, wait for
// those that are needed (bounded), act, and close again, in every case within two seconds. A signal is a good end only of
// what lasts until it is asked to end; what else it finds undone ends with an error, so that a script does not take half an
// answer for the whole. A reader of the answer who went (`| head`) has had what he wanted.
import {
  readEnvironment,
  RefusedError,
  ShutdownRequested,
  silentLogger,
  systemClock,
  UsageError,
  type Clock,
} from '@jobhive/config';
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

/** What an end that is asked for makes of work that is not done. */
function endOf(act: Act, undone: string, reason: unknown): Error {
  if (reason instanceof ShutdownRequested && (reason.readerWent || act.lasts === true)) return reason;
  return new RefusedError(undone, { code: 'interrupted' }); // without its cause, which would make it a good end
}

/** Rejects when the end is asked for; what goes on behind it changes nothing more than it had begun. */
async function unlessEnded<T>(work: Promise<T>, shutdown: AbortSignal, end: (reason: unknown) => Error): Promise<T> {
  let leave: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    leave = () => reject(end(shutdown.reason));
    if (shutdown.aborted) leave();
    else shutdown.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([work, ended]);
  } finally {
    if (leave !== undefined) shutdown.removeEventListener('abort', leave);
  }
}

const NOTHING_DONE = 'interrupted while it waited for its stores; nothing was done, and it may be run again';
const NOT_DONE = 'interrupted before it was done; what was done by then stays, and it may be run again';

async function perform(act: Act, json: boolean, ground: Ground): Promise<number> {
  const { stderr, env, shutdown, clock = systemClock } = ground;
  act.requires?.();
  const environment = readEnvironment(env);
  const drawnOver = act.fullScreen === true && 'isTTY' in stderr && stderr.isTTY === true;
  const log = drawnOver ? silentLogger : operatorLog(environment, stderr);
  const open = openQueue({ environment, log, role: 'operator', applicationName: 'jobhive-monitor' });
  const orLeft = <T>(work: Promise<T>, undone: string): Promise<T> =>
    unlessEnded(work, shutdown, (reason) => endOf(act, undone, reason));
  const out = createOutput(ground, json);
  try {
    await orLeft(waitForStores(open, act.needs), NOTHING_DONE);
    const work = act.run({ environment, open, log, clock, shutdown, stderr, by: asker(), out });
    if (act.heedsShutdown === true) return (await work) ?? 0;
    const code = await orLeft(work, NOT_DONE);
    await orLeft(out.drained(), NOT_DONE); // an answer that its reader has not taken is not given
    return code ?? 0;
  } finally {
    out.end(); // what was left may still come to its answer while the stores are closed
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
