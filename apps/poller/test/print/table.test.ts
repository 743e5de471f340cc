import { describe, expect, it } from 'vitest';
import { oneLine } from '../../src/print/line.ts';
import { table } from '../../src/print/table.ts';

describe('a table', () => {
  it('has columns of equal width, by characters and not by code units', () => {
    expect(
      table(
        ['A', 'LONG'],
        [
          ['🚀', 'x'],
          ['abc', 'yy'],
        ],
        '',
      ),
    ).toBe('A    LONG\n🚀    x\nabc  yy');
  });

  it('says that it is empty', () => {
    expect(table(['A'], [], 'nothing there')).toBe('nothing there');
  });

  it('shows what comes from outside in one line, without its control characters', () => {
    expect(table(['A'], [['a\u001b[31m\nb']], '')).toBe('A\na [31m b');
    expect(oneLine('a\r\nb\u202Ec\u2028\ud800')).toBe('a b c \ufffd');
  });
});
