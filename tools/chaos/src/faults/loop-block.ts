/**
 * Blocks the event loop of a worker, and of nothing else: its threads go on. No code of the product takes part. The first thing that
 * the blocked loop does is to say so, in its own log: without that word nothing was blocked.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { blockLoop as block, openDebugger } from '@jobhive/test-kit';
import type { Fault } from './fault.ts';

const SLACK_MS = 50;
const LOOK_MS = 20;

export const blockLoop: Fault = async ({ fleet }, { target, forMs }) => {
  const worker = fleet.worker(target % fleet.places);
  if (worker === undefined) return 'missed';
  const heard = (): Promise<string> => readFile(worker.logFile, 'utf8');
  if ((await heard()) === '') return 'missed'; // so young that Node does not listen yet: the signal would end it
  const address = await openDebugger(worker.pid, heard);
  if (address === undefined) return 'missed';
  return worker.absent('blocked', async () => {
    const untilMs = Date.now() + forMs;
    const word = `chaos-blocked-${randomUUID()}`;
    const said = `(globalThis['${word}'] ??= (process._rawDebug('${word}'), true))`;
    block(address, `${said} && Date.now() < ${String(untilMs)}`);
    if (!(await isHeard(word, heard, untilMs))) return 'missed';
    await pause(Math.max(0, untilMs - Date.now()) + SLACK_MS);
    return 'took effect';
  });
};

/** Until the time is over, for a loop that is late is blocked all the same. */
async function isHeard(word: string, heard: () => Promise<string>, untilMs: number): Promise<boolean> {
  for (; Date.now() < untilMs; await pause(LOOK_MS)) if ((await heard()).includes(word)) return true;
  return false;
}
