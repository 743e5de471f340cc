// The terminal while `top` has it: the alternate screen, no cursor, no wrapping. Whatever ends the program in this process
// (return, error, exit) gives it back as it was; an end that no process survives (SIGKILL) is left to the guardian. Giving
// back is done once, at once (a terminal is written to without waiting), and also where nothing was taken.
import { guardTerminal } from './guardian.ts';

export const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J\u001b[H';
export const LEAVE = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';

const UNCAUGHT = ['uncaughtException', 'unhandledRejection'] as const;

/** By its general type: that of `process` knows these events for some of its methods only. */
const life: NodeJS.EventEmitter = process;

export interface TakenTerminal {
  giveBack(): void;
}

export interface TerminalStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
}

export function takeTerminal({ stdin, stdout }: TerminalStreams): TakenTerminal {
  const guardian = guardTerminal();
  let taken = true;
  const giveBack = (): void => {
    if (!taken) return;
    taken = false;
    life.off('exit', giveBack);
    for (const kind of UNCAUGHT) life.off(kind, giveBack);
    if (stdin.isTTY) stdin.setRawMode(false);
    stdout.write(LEAVE);
    guardian.dismiss();
  };
  life.once('exit', giveBack);
  for (const kind of UNCAUGHT) life.prependListener(kind, giveBack); // before the line that tells of it is written
  stdout.write(ENTER);
  return { giveBack };
}
