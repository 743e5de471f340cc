// A stream that remembers what was written, and may say that it is a terminal.
import { Writable } from 'node:stream';

export class Terminal extends Writable {
  text = '';
  readonly isTTY: boolean;
  columns: number | undefined;

  constructor({ isTTY = false, columns }: { isTTY?: boolean; columns?: number } = {}) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
