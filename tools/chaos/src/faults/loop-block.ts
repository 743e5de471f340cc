/** Blocks the event loop of a worker, and of nothing else: its threads go on. No code of the product takes part. */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { blockLoop as block, openDebugger } from '@jobhive/test-kit';
import type { Fault } from './fault.ts';

const SLACK_MS = 50;

export const blockLoop: Fault = async ({ fleet }, { target, forMs }) => {
  const place = target % fleet.places;
  const pid = fleet.pid(place);
  const logFile = fleet.logFile(place);
  if (pid === undefined) return;
  const address = await openDebugger(pid, () => readFile(logFile, 'utf8'));
  if (address === undefined) return;
  await fleet.absent(place, 'blocked', async () => {
    block(address, `Date.now() < ${String(Date.now() + forMs)}`);
    await pause(forMs + SLACK_MS);
  });
};
