// What the terminal sent, as single presses: a name for keys that have one, else the character itself. Characters that came
// in one piece (pasted, or typed faster than they were read) are one press each. Pure.
import type { Key } from 'ink';

export const NAMED = [
  'up',
  'down',
  'pageup',
  'pagedown',
  'home',
  'end',
  'enter',
  'escape',
  'tab',
  'backtab',
  'rubout',
  'interrupt',
] as const;
export type Named = (typeof NAMED)[number];
export type Press = { readonly named: Named } | { readonly text: string };

const CHARACTERS: Readonly<Record<string, Named>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u007f': 'rubout',
  '\b': 'rubout',
  '\u001b': 'escape',
  '\u0003': 'interrupt',
};

function namedOf(input: string, key: Key): Named | undefined {
  if (key.ctrl) return input === 'c' ? 'interrupt' : undefined;
  if (key.upArrow) return 'up';
  if (key.downArrow) return 'down';
  if (key.pageUp) return 'pageup';
  if (key.pageDown) return 'pagedown';
  if (key.home) return 'home';
  if (key.end) return 'end';
  if (key.return) return 'enter';
  if (key.escape) return 'escape';
  if (key.tab) return key.shift ? 'backtab' : 'tab';
  return key.backspace || key.delete ? 'rubout' : undefined;
}

/** Keys that have no name here (F5, a mouse) reach us as the rest of their sequence. */
// eslint-disable-next-line no-control-regex -- as above
const SEQUENCE = /^\u001b?[[O][0-9;?<]*[A-Za-z~]$/;

/** Escape and the key behind it, when they come together, look like that key with Alt: here they are two. */
export function presses(input: string, key: Key): readonly Press[] {
  const named = namedOf(input, key);
  if (named !== undefined) return [{ named }];
  if (key.ctrl || SEQUENCE.test(input)) return [];
  const typed = [...input].flatMap((character): Press[] => {
    const name = CHARACTERS[character];
    if (name !== undefined) return [{ named: name }];
    return character >= ' ' ? [{ text: character }] : [];
  });
  return key.meta ? [{ named: 'escape' }, ...typed] : typed;
}
