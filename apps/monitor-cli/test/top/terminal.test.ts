// What is written to the terminal, and what no longer. How a real one looks then is seen by top.test.ts.
import { expect, it } from 'vitest';
import { ENTER, LEAVE, takeTerminal } from '../../src/top/terminal.ts';
import { Terminal } from '../terminal.ts';

// What had gone wrong: after an error nobody caught a frame could still be drawn, over the shell's own screen.
it('gives the terminal back once, and draws nothing on it later', () => {
  const stdout = new Terminal({ isTTY: true });
  const modes: boolean[] = [];
  const stdin = { isTTY: true, setRawMode: (raw: boolean) => modes.push(raw) };
  const terminal = takeTerminal({ stdin, stdout });
  terminal.write('a frame');
  terminal.giveBack();
  terminal.write('a late frame');
  terminal.giveBack();
  expect([stdout.text, modes]).toEqual([`${ENTER}a frame${LEAVE}`, [false]]);
});
