/**
 * Shows progress: on a terminal one line that is written over, elsewhere a line every few seconds, and only when it differs.
 * Whatever else is said in between gets lines of its own.
 */
export interface Screen {
  say(text: string): void;
  progress(line: string): void;
}

/** The part of a stream that is needed: stdout is one. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const EVERY_MS = 3_000;
const CLEAR = '\r\u001b[2K';

export function screenOn(output: Output, monotonicMs: () => number = () => performance.now()): Screen {
  let open = false;
  let last = { line: '', at: -Infinity };
  return {
    say: (text) => {
      output.write(`${open ? CLEAR : ''}${text}\n`);
      open = false;
    },
    progress: (line) => {
      if (output.isTTY === true) {
        output.write(`${CLEAR}${line.slice(0, (output.columns ?? 80) - 1)}`);
        open = true;
      } else if (line !== last.line && monotonicMs() - last.at >= EVERY_MS) {
        output.write(`${line}\n`);
        last = { line, at: monotonicMs() };
      }
    },
  };
}
