/** How every program says no: exit code, one line, nothing on stdout where JSON was asked for, and soon. */
import { expect } from 'vitest';
import { errorLines } from '../src/log-records.ts';
import type { App } from '../src/programs.ts';
import type { Environment, System } from '../src/system.ts';

export interface Refusal {
  readonly app: App;
  readonly args: readonly string[];
  readonly env?: Environment;
  readonly code: 1 | 2;
  /** The one line's words; several for several wrong values. */
  readonly lines: readonly RegExp[];
}

/** Of the contract, for what a program does; the time to start Node itself is the machine's, and is measured where it matters. */
const SOON_MS = 15_000;

export async function expectRefusal(system: System, { app, args, env = {}, code, lines }: Refusal): Promise<void> {
  const { result, tookMs } = await timed(() => system.run(app, args, env));
  const what = `${app} ${args.join(' ')}\n${result.stderr}`;
  if (tookMs >= SOON_MS)
    expect(tookMs - (await timed(() => system.run(app, ['--help']))).tookMs, what).toBeLessThan(SOON_MS);
  expect(result.code, what).toBe(code);
  expect(result.stdout, what).toBe('');
  const told = errorLines(result.stderr);
  expect(told, what).toHaveLength(lines.length);
  for (const line of lines) expect(told, what).toContainEqual(expect.stringMatching(line));
  expect(result.stderr, what).not.toMatch(/^\s+at /m); // a stack belongs to LOG_LEVEL=debug
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly tookMs: number }> {
  const fromMs = performance.now();
  const result = await work();
  return { result, tookMs: performance.now() - fromMs };
}

/** Two at a time: more of them on two processors take longer than each may. */
export async function inPairs<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const work = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item);
  };
  await Promise.all([work(), work()]);
}
