// The dashboard as the program it is, at a free port, once it has said that it listens.
import { fileURLToPath } from 'node:url';
import { freePort, startProgram, type StartedProgram } from '@jobhive/test-kit';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const MAIN = ['--import', at('../../../../node_modules/tsx/dist/loader.mjs'), at('../../src/main.ts'), 'dashboard'];
/** From source, on a machine that is busy. */
const START_MS = 60_000;

export interface RunningDashboard {
  readonly program: StartedProgram;
  readonly port: number;
  /** What it said when it listened. */
  readonly line: string;
}

export async function runDashboardProgram(env: NodeJS.ProcessEnv): Promise<RunningDashboard> {
  const port = await freePort();
  const program = startProgram(process.execPath, [...MAIN, '--port', String(port)], { env });
  const line = await program.waitForLine(/^dashboard: /, START_MS);
  return { program, port, line };
}
