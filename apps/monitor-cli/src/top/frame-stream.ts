// Where Ink writes: whole frames, one a write (its option `debug`, "each update as separate output"). What becomes of them
// on the terminal is the painter's affair, which writes less than Ink would, and not oftener than is good for a slow line.
import { Writable } from 'node:stream';

export class FrameStream extends Writable {
  readonly isTTY = false; // no control sequences are meant for this stream
  readonly #size: () => { columns: number; rows: number };
  readonly #show: (frame: readonly string[]) => void;

  constructor(size: () => { columns: number; rows: number }, show: (frame: readonly string[]) => void) {
    super({ decodeStrings: false });
    this.#size = size;
    this.#show = show;
  }

  get columns(): number {
    return this.#size().columns;
  }

  get rows(): number {
    return this.#size().rows;
  }

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    const text = String(chunk);
    if (text !== '') this.#show(text.split('\n'));
    done();
  }
}
