/** A stream that keeps the lines written to it, and may claim to be a terminal. */
import { Writable } from 'node:stream';

export class RecordingStream extends Writable {
  readonly isTTY: boolean;
  private text = '';

  constructor(isTTY = false) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }

  get lines(): readonly string[] {
    return this.text.split('\n').slice(0, -1);
  }

  get records(): readonly Record<string, unknown>[] {
    // What is parsed here was written as an object by the logger under test.
    return this.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}
