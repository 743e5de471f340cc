// What may stand next on a command line, for the script that `completion` prints: commands of a command, or its options. The
// script is yargs' own; its answers are made here, since yargs gives those of a command's options only by printing them.
// Pure. The shell itself leaves out what does not begin as the word that is typed.
import type { Command } from './command.ts';

const nameOf = ({ syntax }: Command): string => ([syntax].flat()[0] ?? '').split(' ')[0] ?? '';

/** The command that the words lead to, and its own commands. */
function led(words: readonly string[], commands: readonly Command[]): { at?: Command; next: readonly Command[] } {
  const [first, ...rest] = words.filter((word) => !word.startsWith('-'));
  const at = commands.find((command) => nameOf(command) === first);
  if (at === undefined) return { next: commands };
  const deeper = led(rest, at.commands ?? []);
  return deeper.at === undefined ? { at, next: at.commands ?? [] } : deeper;
}

/** @param words of the line: the program's name, then all up to the one that is typed */
export function complete(words: readonly string[], commands: readonly Command[]): string[] {
  const typed = words.length > 1 ? (words.at(-1) ?? '') : '';
  const { at, next } = led(words.slice(1, -1), commands);
  const names = next.map(nameOf);
  const options = [...Object.keys(at?.options ?? {}), ...(at === undefined ? [] : ['json']), 'help'].map(
    (name) => `--${name}`,
  );
  return typed.startsWith('-') || names.length === 0 ? options : names;
}
