// What may stand next on a command line, for the script that `completion` prints: commands of a command, its options, or
// what an option takes where that is a closed list. Pure. The shell itself leaves out what does not begin as the word that
// is typed.
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

/** @param words of the line: the program's name, then all up to the one that is typed; bash gives `--a=b` as three words */
export function complete(words: readonly string[], commands: readonly Command[]): string[] {
  const whole = words.filter((word, index) => word !== '=' || index === words.length - 1);
  const typed = words.length > 1 && words.at(-1) !== '=' ? (words.at(-1) ?? '') : '';
  const before = whole.slice(1, -1);
  const { at, next } = led(before, commands);
  const option = at?.options?.[(before.at(-1) ?? '').replace(/^--/, '')];
  if (before.at(-1)?.startsWith('--') === true && option?.type === 'text') return [...(option.values ?? [])];
  const names = next.map(nameOf);
  const json = at === undefined || at.withoutJson === true ? [] : ['json'];
  const options = [...Object.keys(at?.options ?? {}), ...json, 'help'].map((name) => `--${name}`);
  const values = at?.values ?? [];
  if (typed.startsWith('-')) return options;
  return values.length > 0 ? [...values] : names.length === 0 ? options : names;
}
