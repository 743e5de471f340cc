import { describe, expect, it } from 'vitest';
import { screenOn } from '../src/screen.ts';

function written(isTTY: boolean): {
  output: { isTTY: boolean; columns: number; write(text: string): void };
  text: () => string;
} {
  let text = '';
  return { output: { isTTY, columns: 10, write: (more) => void (text += more) }, text: () => text };
}

describe('screenOn', () => {
  it('writes over one line on a terminal, never wider than it, and clears it for what is said', () => {
    const { output, text } = written(true);
    const screen = screenOn(output);
    screen.progress('0123456789');
    screen.progress('second');
    screen.say('done');
    expect(text()).toBe('\r\u001b[2K012345678\r\u001b[2Ksecond\r\u001b[2Kdone\n');
  });

  it('elsewhere writes a line every 3 s, and only one that differs', () => {
    const { output, text } = written(false);
    let now = 0;
    const screen = screenOn(output, () => now);
    for (const [at, line] of [
      [0, 'a'],
      [1_000, 'b'],
      [3_000, 'c'],
      [9_000, 'c'],
      [9_001, 'd'],
    ] as const) {
      now = at;
      screen.progress(line);
    }
    expect(text()).toBe('a\nc\nd\n');
  });
});
