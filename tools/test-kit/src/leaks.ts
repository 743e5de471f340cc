/**
 * What a test may leave behind without noticing: child processes, and handles that keep the event loop going. Both are
 * compared with a moment before: vitest and the guard of the private servers have their own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { waitFor } from './wait-for.ts';

export class LeakError extends Error {
  override readonly name = 'LeakError';
}

export interface LeakCheck {
  /** Fails, naming what is left, where it does not go away within the time (default 2 s). */
  assertNothingLeft(timeoutMs?: number): Promise<void>;
}

/** Handles that come and go with any program, or belong to its standard streams. */
const HARMLESS = new Set(['Timeout', 'Immediate', 'TTYWrap', 'PipeWrap', 'FSReqPromise', 'CloseReq', 'TickObject']);

export function watchForLeaks(): LeakCheck {
  const childrenBefore = new Set(childProcesses().map(({ pid }) => pid));
  const handlesBefore = count(process.getActiveResourcesInfo());
  const left = (): readonly string[] => [
    ...childProcesses()
      .filter(({ pid }) => !childrenBefore.has(pid))
      .map(({ pid, command }) => `process ${pid} (${command})`),
    ...[...count(process.getActiveResourcesInfo())]
      .filter(([kind, n]) => !HARMLESS.has(kind) && n > (handlesBefore.get(kind) ?? 0))
      .map(([kind, n]) => `${n - (handlesBefore.get(kind) ?? 0)} × ${kind}`),
  ];
  const assertNothingLeft = async (timeoutMs = 2_000): Promise<void> => {
    try {
      await waitFor('nothing to be left', () => left().length === 0, { timeoutMs });
    } catch (error) {
      throw new LeakError(`left behind: ${left().join(', ')}`, { cause: error });
    }
  };
  return { assertNothingLeft };
}

/** Living children of this process, without the guard (it ends after us, by design). Empty where there is no /proc. */
export function childProcesses(): readonly { readonly pid: number; readonly command: string }[] {
  return processIds().flatMap((pid) => {
    try {
      const afterName = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const living = Number(afterName[1]) === process.pid && afterName[0] !== 'Z';
      return living && !command.includes('guard.mjs') ? [{ pid, command }] : [];
    } catch {
      return []; // ended while we looked
    }
  });
}

function processIds(): readonly number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function count(kinds: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
