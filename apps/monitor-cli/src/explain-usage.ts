// What yargs has against a command line, as one sentence that says what to do next. Pure. Of several complaints the first
// that is known here is told; one that is not known goes through as it is, in one line.

type Tell = (part: string, words: readonly string[]) => string;

const RULES: readonly (readonly [RegExp, Tell])[] = [
  [
    /^Did you mean (.+)\?$/m,
    (meant, words) => `there is no command ${quoted(unknownCommand(words))}; did you mean ${meant}?`,
  ],
  [/^Not enough arguments following: (.+)$/m, (name) => `--${name} needs a value`],
  [/^Not enough non-option arguments: (.+)$/m, () => 'an argument is missing'],
  [/^Unknown (?:arguments?|commands?): (.+)$/m, (names, words) => unknownArguments(names.split(', '), words)],
];

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

/** `failed` has commands of its own. */
function unknownCommand(words: readonly string[]): string {
  return (words[0] === 'failed' ? words[1] : words[0]) ?? '';
}

/** yargs tells an option without its dashes, and a word that was too many alike: told as it was written. */
function unknownArguments(names: readonly string[], words: readonly string[]): string {
  const [first = ''] = names;
  if (words[0] === first) return `there is no command ${quoted(first)}`;
  const told = names.map((name) => {
    const option = words.find((word) => word.startsWith('-') && word.replace(/^-+/, '').split('=')[0] === name);
    return quoted(option?.split('=')[0] ?? name);
  });
  return `${told.join(', ')} ${names.length === 1 ? 'is' : 'are'} not known here`;
}

/** The help that tells more: that of the command, where the words name one. */
function helpFor(words: readonly string[], told: string): string {
  const [first = ''] = words;
  const named = /^[a-z]+$/.test(first) && !told.startsWith('there is no command');
  return named ? `monitor-cli ${first} --help` : 'monitor-cli --help';
}

/** @param complaints of yargs, a line each */
export function explainUsage(complaints: string, words: readonly string[]): string {
  for (const [pattern, tell] of RULES) {
    const [, part] = pattern.exec(complaints) ?? [];
    if (part === undefined) continue;
    const told = tell(part, words);
    return `${told} (see \`${helpFor(words, told)}\`)`;
  }
  const line = complaints.trim().split('\n').at(-1) ?? '';
  return `${line} (see \`${helpFor(words, line)}\`)`;
}
