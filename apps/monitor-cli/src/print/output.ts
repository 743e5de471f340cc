// Where an answer goes: one JSON document on stdout, or lines for people; nothing else ever goes there. It knows the
// terminal's width and whether colours are wanted, and asks at each use: a terminal may be resized.
import { once } from 'node:events';
import { table, type Column } from './table.ts';
import { paintFor, type Paint } from './style.ts';

export interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly env: NodeJS.ProcessEnv;
}

export interface Output {
  readonly json: boolean;
  readonly isTerminal: boolean;
  /** Columns of the terminal; undefined where there is none. */
  readonly columns: () => number | undefined;
  readonly rows: () => number | undefined;
  readonly paint: Paint;
  document(value: unknown): void;
  /** Resolves when the reader has caught up, so that a long answer needs no more memory than a short one. */
  drained(): Promise<void>;
  lines(...lines: readonly string[]): void;
  /** As it is, without a line's end: for redrawing. */
  raw(text: string): void;
  table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): void;
  /** What comes later is not written: an error leaves stdout as it is. */
  end(): void;
}

/** JSON in one line, in which no character commands a terminal: those that JSON allows as they are become escapes. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function sizeOf(stream: NodeJS.WritableStream, side: 'columns' | 'rows'): number | undefined {
  const size: unknown = Reflect.get(stream, side);
  return typeof size === 'number' && size > 0 ? size : undefined;
}

/** A reader that went drains nothing any more: then the program is asked to end, by which the wait is left. */
async function drained(stream: NodeJS.WritableStream): Promise<void> {
  if (Reflect.get(stream, 'writableNeedDrain') === true) await once(stream, 'drain');
}

export function createOutput({ stdout, env }: Streams, json: boolean): Output {
  const isTerminal = 'isTTY' in stdout && stdout.isTTY === true;
  const paint = paintFor(isTerminal, env);
  const columns = (): number | undefined => (isTerminal ? (sizeOf(stdout, 'columns') ?? 80) : undefined);
  let ended = false;
  const raw = (text: string): void => {
    if (!ended) stdout.write(text);
  };
  const lines = (...texts: readonly string[]): void => {
    if (texts.length > 0) raw(`${texts.join('\n')}\n`);
  };
  return {
    json,
    isTerminal,
    columns,
    rows: () => (isTerminal ? (sizeOf(stdout, 'rows') ?? 24) : undefined),
    paint,
    document: (value) => raw(`${jsonLine(value)}\n`),
    drained: () => drained(stdout),
    lines,
    raw,
    table: (rows, shape) => lines(...table(rows, shape, columns(), paint)),
    end: () => {
      ended = true;
    },
  };
}
