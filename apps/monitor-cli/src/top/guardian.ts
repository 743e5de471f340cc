// A tiny process (a shell that waits for one line) which outlives a `top` that was killed, and then gives the terminal back:
// its modes as they were before, cursor, wrapping, main screen. It has a session of its own, so that what is sent to the
// terminal's processes passes it by. Where there is no shell to be had, nothing guards; top works all the same. What it
// cannot do: put itself before the shell's prompt; so it says how to get that.
import { spawn, spawnSync } from 'node:child_process';
import { Socket } from 'node:net';

/** $1: modes of the terminal as stty tells them, or nothing. The end of stdin without a line: nobody said goodbye. */
const WATCH = String.raw`read -r goodbye && exit 0
[ -n "$1" ] && stty "$1" <&1
printf '\033[0m\033[?7h\033[?25h\033[?1049l\r\ntop was killed; the terminal is yours again (Enter shows the prompt)\r\n'`;

export interface Guardian {
  /** The terminal is given back already. */
  dismiss(): void;
}

function terminalModes(): string {
  const { stdout } = spawnSync('stty', ['-g'], { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' });
  return typeof stdout === 'string' ? stdout.trim() : ''; // null where there is no stty
}

/** To be called before the terminal's modes are changed. */
export function guardTerminal(): Guardian {
  const child = spawn('/bin/sh', ['-c', WATCH, 'jobhive-top-guardian', terminalModes()], {
    stdio: ['pipe', 'inherit', 'ignore'],
    detached: true,
  });
  child.on('error', () => undefined); // no shell here: nothing guards
  child.stdin.on('error', () => undefined); // it went before: nothing is left to dismiss
  child.unref();
  // A pipe to a child is a socket, which its type does not tell; it must not keep the program.
  if (child.stdin instanceof Socket) child.stdin.unref();
  return { dismiss: () => child.stdin.end('goodbye\n') };
}
