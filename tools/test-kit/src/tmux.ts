/**
 * A terminal to drive a program in: one tmux server of the test's own (its own socket and no configuration), with one plain
 * shell in it, which does not mend the terminal by itself. What is on the screen is read as text; whether the terminal is as
 * a shell wants it is told by tmux and stty. Nothing of it outlives the test's process.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { findTmux, forgetProcess, guardProcess } from '@jobhive/servers';
import { waitFor } from './wait-for.ts';

export interface TmuxOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface TmuxTerminal {
  /** Keys by tmux' names (`Enter`, `Escape`, `Tab`, `C-c`), anything else as the characters it is. */
  keys(...keys: readonly string[]): Promise<void>;
  /** Types a line into the shell. */
  line(text: string): Promise<void>;
  screen(): Promise<string>;
  /** Resolves with the screen once it matches. */
  sees(pattern: RegExp, timeoutMs?: number): Promise<string>;
  resize(columns: number, rows: number): Promise<void>;
  /** Flags that a program may leave behind: alternate screen, cursor, wrapping; and the shell's process. */
  flags(): Promise<{ alternate: boolean; cursor: boolean; wrap: boolean; shellPid: number }>;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const SEES_MS = 20_000;

export async function startTmux({ columns = 80, rows = 24, env = {}, cwd }: TmuxOptions = {}): Promise<TmuxTerminal> {
  const found = await findTmux();
  const socket = `jobhive-test-${randomBytes(6).toString('hex')}`;
  const { PATH, HOME } = process.env;
  const bare = { PATH, HOME, LANG: 'C.UTF-8', ENV: '', PS1: '$ ', ...found.env, ...env };
  const tmux = async (...args: readonly string[]): Promise<string> =>
    (
      await run(found.file, ['-L', socket, '-u', '-f', '/dev/null', ...args], {
        env: bare,
        ...(cwd === undefined ? {} : { cwd }),
      })
    ).stdout;
  // tmux hands this to the user's own shell, some of which would stay as the parent of what they start.
  await tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), 'exec /bin/sh');
  const pid = Number(await tmux('display-message', '-p', '#{pid}'));
  guardProcess(pid, 'SIGKILL');
  const screen = (): Promise<string> => tmux('capture-pane', '-p');
  return {
    keys: async (...keys) => void (await tmux('send-keys', '--', ...keys)),
    line: async (text) => {
      await tmux('send-keys', '-l', '--', text);
      await tmux('send-keys', 'Enter');
    },
    screen,
    sees: async (pattern, timeoutMs = SEES_MS) => {
      const seen = async (): Promise<string | undefined> => {
        const text = await screen();
        return pattern.test(text) ? text : undefined;
      };
      return waitFor(`a screen like ${String(pattern)}`, seen, { timeoutMs, intervalMs: 50, describe: screen });
    },
    resize: async (width, height) => void (await tmux('resize-window', '-x', String(width), '-y', String(height))),
    flags: async () => {
      const told = await tmux('display-message', '-p', '#{alternate_on} #{cursor_flag} #{wrap_flag} #{pane_pid}');
      const [alternate, cursor, wrap, shellPid] = told.trim().split(' ').map(Number);
      return { alternate: alternate === 1, cursor: cursor === 1, wrap: wrap === 1, shellPid: shellPid ?? 0 };
    },
    stop: async () => {
      await tmux('kill-server').catch(() => undefined); // it ended with its last shell
      forgetProcess(pid);
    },
  };
}
