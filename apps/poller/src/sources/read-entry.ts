// A piece of text → an entry: its JSON, or why it is none. Pure. The reason never quotes the text, so that it may go
// wherever a reason goes.
import type { Entry } from './source.ts';
import type { Piece } from './split-text.ts';

const UNFINISHED = /unexpected end|unterminated/i;
const POSITION = /at position (\d+)/;

/** @param charactersMax the bound that was set to the splitter, for the words of the reason */
export function readEntry(piece: Piece, charactersMax: number): Entry {
  const place = `${piece.unit} ${String(piece.number)}`;
  if (piece.text === undefined) {
    return { place, size: 0, problem: `longer than ${String(Math.floor(charactersMax / 1_048_576))} MiB` };
  }
  if (piece.cutOff) return { place, size: 0, problem: 'not valid JSON: the file ends before the array does' };
  try {
    return { place, size: piece.text.length, raw: JSON.parse(piece.text) as unknown };
  } catch (error) {
    return { place, size: 0, problem: `not valid JSON${whereOf(error)}` };
  }
}

function whereOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (UNFINISHED.test(message)) return ': it ends too early';
  const position = POSITION.exec(message)?.[1];
  return position === undefined ? '' : ` at character ${String(Number(position) + 1)}`;
}
