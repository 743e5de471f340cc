// The words of a command line → the act that was meant, a text to show (help, completion), or a UsageError. Pure but for
// the environment that completion looks at: yargs prints nothing here and ends nothing; what it would have said is
// caught and told in our own words.
import { UsageError } from '@jobhive/config';
import yargs, { type Argv } from 'yargs';
import { Arguments } from './arguments/arguments.ts';
import { complete } from './complete.ts';
import type { Act, Command, Option } from './command.ts';
import { COMPLETE } from './completion-script.ts';
import { explainUsage } from './explain-usage.ts';
import { VERSION } from './version.ts';

export type CommandLine =
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'nothing'; readonly help: string }
  | { readonly kind: 'act'; readonly act: Act; readonly json: boolean };

interface Chosen {
  readonly command: Command;
  readonly values: Readonly<Record<string, unknown>>;
}

const HELP_COLUMNS_MAX = 100;
const JSON_OPTION: Option = { type: 'flag', describe: 'one JSON document instead of text' };

/** Words stay the texts they are; what they mean is judged in arguments/. */
const PARSING = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
} as const;

function optionsOf({ options, withoutJson }: Command): Readonly<Record<string, Option>> {
  return withoutJson === true ? { ...options } : { ...options, json: JSON_OPTION };
}

function addOptions(parser: Argv, command: Command): void {
  for (const [name, describe] of Object.entries(command.positionals ?? {})) {
    parser.positional(name, { type: 'string', describe });
  }
  for (const [name, { type, describe }] of Object.entries(optionsOf(command))) {
    parser.option(
      name,
      type === 'flag' ? { type: 'boolean', describe } : { type: 'string', requiresArg: true, describe },
    );
  }
  for (const [example, does] of command.examples ?? []) parser.example(example, does);
}

function addCommands(parser: Argv, commands: readonly Command[], choose: (chosen: Chosen) => void): void {
  for (const command of commands) {
    parser.command(
      command.syntax,
      command.describe,
      (inner) => {
        addOptions(inner, command);
        addCommands(inner, command.commands ?? [], choose);
        return inner;
      },
      (values) => {
        choose({ command, values });
      },
    );
  }
}

function parserFor(commands: readonly Command[], columns: number | undefined, choose: (chosen: Chosen) => void): Argv {
  const parser = yargs()
    .scriptName('monitor-cli')
    .usage('$0 COMMAND [options]\n\nWatch and mend the job queue.')
    .parserConfiguration(PARSING)
    .detectLocale(false)
    .locale('en')
    .exitProcess(false)
    .showHelpOnFail(false)
    .strict()
    .recommendCommands()
    .help('help')
    .alias('help', 'h')
    .version(VERSION)
    .wrap(Math.min(columns ?? HELP_COLUMNS_MAX, HELP_COLUMNS_MAX))
    .epilogue('Exit codes: 0 done, 1 it could not be done, 2 wrong usage or configuration.');
  addCommands(parser, commands, choose);
  return parser;
}

/** @param columns of the terminal, for the help; undefined where there is none */
export async function parseCommandLine(
  words: readonly string[],
  commands: readonly Command[],
  columns?: number,
): Promise<CommandLine> {
  const asked = words.indexOf(COMPLETE);
  if (asked >= 0) return { kind: 'say', text: complete(words.slice(asked + 1), commands).join('\n') };
  let chosen: Chosen | undefined;
  const parser = parserFor(commands, columns, (one) => {
    chosen = one;
  });
  const said = await new Promise<string>((resolve, reject) => {
    const told = (error: Error | null | undefined, _values: unknown, output: string): void => {
      if (error === null || error === undefined) resolve(output);
      else reject(new UsageError(explainUsage(`${output}\n${error.message}`, words), { cause: error }));
    };
    void Promise.resolve(parser.parse([...words], {}, told)).catch(reject);
  });
  if (chosen !== undefined) {
    const args = new Arguments(chosen.values);
    const text = chosen.command.say?.(args);
    if (text !== undefined) return { kind: 'say', text };
    return { kind: 'act', act: chosen.command.prepare(args), json: args.flag('json') };
  }
  if (said !== '') return { kind: 'say', text: said };
  return { kind: 'nothing', help: await parser.getHelp() };
}
