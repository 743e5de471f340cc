// The terminal while `top` has it: the alternate screen, no cursor, no wrapping. Whatever ends the program in this process
// (return, error, exit) gives it back as it was; an end that no process survives (SIGKILL) is left to the guardian. Giving
// back is done once, at once (a terminal is written to without waiting), and also where nothing was taken. What is still to
// be drawn then (after an error nobody caught the program lives on until its last words were taken) is not written any more.
import { guardTerminal } from './guardian.ts';

export const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J\u001b[H';
export const LEAVE = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';

const UNCAUGHT = ['uncaughtException', 'unhandledRejection'] as const;

/** By its general type: that of `process` knows these events for some of its methods only. */
const life: NodeJS.EventEmitter = process;

export interface TakenTerminal {
  /** Nothing, once it was given back. */
  write(text: string): void;
  giveBack(): void;
}

export interface TerminalStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
}

/** What is asked of the streams here. */
export interface Takeable {
  readonly stdin: { readonly isTTY: boolean; setRawMode(raw: boolean): unknown };
  readonly stdout: NodeJS.WritableStream;
}

export function takeTerminal({ stdin, stdout }: Takeable): TakenTerminal {
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
  return { write: (text) => void (taken && stdout.write(text)), giveBack };
}
