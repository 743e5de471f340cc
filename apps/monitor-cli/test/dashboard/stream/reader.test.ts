// One reader: it gets what is new, skips what it was too slow for, and is cut off when it takes nothing.
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createReader, type Reader, type Sink } from '../../../src/dashboard/stream/reader.ts';

/** A connection whose other side takes or does not take. */
class Wire extends EventEmitter implements Sink {
  readonly written: string[] = [];
  takes = true;
  ended = false;
  destroyed = false;

  write(bytes: Buffer): boolean {
    this.written.push(bytes.toString());
    return this.takes;
  }

  end(): void {
    this.ended = true;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function setUp(): { wire: Wire; reader: Reader; pass: (ms: number) => void; gone: () => number } {
  const wire = new Wire();
  let [nowMs, gone] = [0, 0];
  const reader = createReader({
    sink: wire,
    clock: { monotonicMs: () => nowMs },
    beat: Buffer.from('beat'),
    silenceMs: 10,
    stuckMs: 30,
    onGone: () => (gone += 1),
  });
  return { wire, reader, pass: (ms) => (nowMs += ms), gone: () => gone };
}

describe('a reader', () => {
  it('that is too slow skips to the newest', () => {
    const { wire, reader } = setUp();
    wire.takes = false;
    for (const frame of ['1', '2', '3', '4']) reader.offer(Buffer.from(frame));
    expect(wire.written).toEqual(['1']);
    wire.takes = true;
    wire.emit('drain');
    expect(wire.written).toEqual(['1', '4']);
    reader.offer(Buffer.from('5'));
    expect(wire.written).toEqual(['1', '4', '5']);
  });

  it('gets a beat when nothing was said for long, and only then', () => {
    const { wire, reader, pass } = setUp();
    pass(9);
    reader.tend();
    expect(wire.written).toEqual([]);
    pass(1);
    reader.tend();
    reader.tend();
    expect(wire.written).toEqual(['beat']);
  });

  it('that takes nothing for long is cut off, and is gone', () => {
    const { wire, reader, pass, gone } = setUp();
    wire.takes = false;
    reader.offer(Buffer.from('1'));
    pass(29);
    reader.tend();
    expect([wire.destroyed, wire.written]).toEqual([false, ['1']]);
    pass(1);
    reader.tend();
    expect([wire.destroyed, gone()]).toEqual([true, 1]);
  });
});
