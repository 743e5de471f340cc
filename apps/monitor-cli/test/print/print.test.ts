import { describe, expect, it } from 'vitest';
import { displayWidth, fitTo } from '../../src/print/display-width.ts';
import { duration, relative } from '../../src/print/duration.ts';
import { createOutput, jsonLine } from '../../src/print/output.ts';
import { plainLine, plainLines } from '../../src/print/plain.ts';
import { barLine, progressBar } from '../../src/print/progress.ts';
import { noPaint, paintFor } from '../../src/print/style.ts';
import { fitColumns, fitWidths, table } from '../../src/print/table.ts';
import { Terminal } from '../terminal.ts';

describe('texts of strangers', () => {
  it('lose their escape sequences, control characters and marks of direction', () => {
    expect(plainLine('a\u001b[31mred\u001b[0m b\u001b]0;title\u0007c\u009b2Jd\u0000e\rf\ng\u202eh')).toBe(
      'ared bcd' + 'e f gh',
    );
  });

  it('keep the lines and the indent of a stack', () => {
    expect(plainLines('Error: x\r\n    at f (\u001b[1mfile\u001b[0m:1)')).toEqual(['Error: x', '    at f (file:1)']);
  });

  it('are escaped in JSON, so that no character of it commands a terminal', () => {
    const value = { title: 'x\u009b31m\u202e\u001b[2J' };
    const line = jsonLine(value);
    // eslint-disable-next-line no-control-regex -- the control characters are what must not be there
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(JSON.parse(line)).toEqual(value);
  });
});

describe('display width', () => {
  it.each([
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['한', 2],
    ['ｆｕ', 4],
    ['zero\u200bwidth', 9],
  ])('of %s is %i columns', (text, columns) => {
    expect(displayWidth(text)).toBe(columns);
  });

  it('cuts between characters and says so, never wider than asked', () => {
    expect(fitTo('abcdef', 4)).toBe('abc…');
    expect(fitTo('日本語', 4)).toBe('日…');
    expect(fitTo('abc', 3)).toBe('abc');
    expect(fitTo('abc', 0)).toBe('');
  });
});

describe('a table', () => {
  const columns = [
    { title: 'ID', cell: (row: { id: string; title: string }) => row.id },
    { title: 'TITLE', cell: (row: { id: string; title: string }) => row.title, columnsMin: 5 },
  ];
  const rows = [{ id: 'abcdef', title: 'ソフトウェア開発者 with a long title\u001b[2J' }];

  it('fits the terminal, whatever stands in it', () => {
    for (const columnsMax of [13, 20, 33, 80]) {
      for (const line of table(rows, columns, columnsMax, noPaint))
        expect(displayWidth(line)).toBeLessThanOrEqual(columnsMax);
    }
  });

  it('leaves columns out where cutting does not do: those to spare first, the first one never', () => {
    expect(fitColumns([10, 10, 10, 10], [undefined, 1, undefined, 2], 36)).toEqual([0, 1, 2]);
    expect(fitColumns([10, 10, 10, 10], [undefined, 1, undefined, 2], 30)).toEqual([0, 2]);
    expect(fitColumns([10, 10, 10, 10], [undefined, 1, undefined, 2], 5)).toEqual([0]);
    expect(
      table(
        rows,
        [columns[0], columns[0]].flatMap((one) => one ?? []),
        4,
        noPaint,
      ),
    ).toEqual(['ID', 'abc…']);
  });

  it('cuts nothing where there is no terminal, and passes no escape sequence on', () => {
    expect(table(rows, columns, undefined, noPaint)[1]).toBe('abcdef  ソフトウェア開発者 with a long title');
  });

  it('cuts the widest column first, and none below its least width', () => {
    expect(fitWidths([10, 30, 20], [10, 5, 5], 44)).toEqual([10, 15, 15]);
    expect(fitWidths([10, 30], [10, 5], 4)).toEqual([10, 5]);
  });
});

describe('times', () => {
  it.each([
    [0, '0 ms'],
    [999.6, '1.0 s'],
    [9_990, '9.9 s'],
    [59_999, '59 s'],
    [65_000, '1 min 05 s'],
    [3_600_000, '1 h 00 min'],
    [90_000_000, '1 d 1 h'],
  ])('%d ms is told as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('are told from now, in both directions', () => {
    const now = new Date('2026-03-01T12:00:00Z');
    expect(relative('2026-03-01T11:59:00Z', now)).toBe('1 min 00 s ago');
    expect(relative('2026-03-01T12:00:30Z', now)).toBe('in 30 s');
    expect(relative('2026-03-01T12:00:00.5Z', now)).toBe('now');
    expect(relative(null, now)).toBeNull();
  });
});

describe('colours', () => {
  it('are there on a terminal only, and never with NO_COLOR', () => {
    expect(paintFor(true, {}).red('x')).toBe('\u001b[31mx\u001b[39m');
    expect(paintFor(true, { NO_COLOR: '' }).red('x')).not.toBe('x');
    expect(paintFor(true, { NO_COLOR: '1' }).red('x')).toBe('x');
    expect(paintFor(true, { TERM: 'dumb' }).red('x')).toBe('x');
    expect(paintFor(false, {}).red('x')).toBe('x');
  });
});

describe('progress', () => {
  it('is drawn on a terminal, not oftener than ten times a second, and leaves nothing behind', () => {
    const stderr = new Terminal({ isTTY: true });
    let ms = 0;
    const bar = progressBar('retrying', stderr, () => ms);
    bar.show({ done: 1, total: 4 });
    bar.show({ done: 2, total: 4 });
    ms = 150;
    bar.show({ done: 3, total: 4 });
    bar.end();
    expect(stderr.text.split('\r').filter((part) => part.includes('retrying'))).toHaveLength(2);
    expect(stderr.text.endsWith('\r\u001b[2K')).toBe(true);
  });

  it('says nothing in a pipe', () => {
    const stderr = new Terminal();
    const bar = progressBar('retrying', stderr, () => 0);
    bar.show({ done: 1, total: 4 });
    bar.end();
    expect(stderr.text).toBe('');
  });

  it('counts where the total is not known', () => {
    expect(barLine('clearing', { done: 7, total: null })).toBe('clearing 7');
    expect(barLine('x', { done: 0, total: 0 })).toContain('100 %');
  });
});

describe('output', () => {
  it('takes the width of the terminal anew at each use', () => {
    const stdout = new Terminal({ isTTY: true, columns: 40 });
    const out = createOutput({ stdout, stderr: stdout, env: {} }, false);
    expect(out.columns()).toBe(40);
    stdout.columns = 60;
    expect(out.columns()).toBe(60);
    expect(createOutput({ stdout: new Terminal(), stderr: stdout, env: {} }, false).columns()).toBeUndefined();
  });
});
