// The command line → what is to be done, or a text to show, or a UsageError. Pure: prints nothing and ends nothing.
import { UsageError } from '@jobhive/config';
import yargs, { type Argv } from 'yargs';
import { SOURCE_FORMS } from './sources/parse-source.ts';

export type Options =
  | {
      readonly command: 'poll';
      /** Empty: as the environment says. */
      readonly sources: readonly string[];
      readonly once: boolean;
      /** Undefined: as the environment says. */
      readonly autoEnqueue: boolean | undefined;
    }
  | { readonly command: 'sources'; readonly json: boolean }
  | { readonly command: 'rejected'; readonly json: boolean; readonly limit: number }
  | { readonly command: 'help'; readonly text: string };

const LIMIT_DEFAULT = 1_000;
const LIMIT_MAX = 10_000;
const HELP_COLUMNS = 100;

/** @param args without the program's name */
export function parseOptions(args: readonly string[]): Options {
  let chosen: Options | undefined;
  let failure: UsageError | undefined;
  let shown = '';
  const parser = commandLine((options) => (chosen = options)).fail((message, error) => {
    // The first is the one to tell; what a handler throws is a UsageError of ours.
    failure ??= error instanceof UsageError ? error : usage(message);
  });
  void parser.parse([...args], {}, (_error: unknown, _argv: unknown, output: string) => {
    shown = output;
  });
  if (failure !== undefined) throw failure;
  if (chosen !== undefined) return chosen;
  return { command: 'help', text: shown };
}

type Choose = (options: Options) => void;

function commandLine(choose: Choose): Argv {
  const parser = yargs([])
    .scriptName('poller')
    .locale('en')
    .exitProcess(false)
    .version(false)
    .help()
    .alias('help', 'h')
    .wrap(HELP_COLUMNS)
    .parserConfiguration({ 'duplicate-arguments-array': true, 'parse-numbers': false })
    .strict();
  return described(withSources(withRejected(withPoll(parser, choose), choose), choose));
}

function withPoll(parser: Argv, choose: Choose): Argv {
  return parser.command(
    '$0',
    'Take postings from sources into the database: again and again, or once',
    (poll) =>
      poll
        .option('source', {
          alias: 's',
          type: 'string',
          requiresArg: true,
          describe: `What to poll: ${SOURCE_FORMS}. May be given several times; wins over POLL_SOURCES`,
        })
        .option('once', { type: 'boolean', describe: 'Poll each source once, then end: exit 1 if any of them failed' })
        .option('auto-enqueue', {
          type: 'boolean',
          describe: 'Enqueue what is inserted; wins over ENABLE_AUTO_ENQUEUE (--no-auto-enqueue switches it off)',
        }),
    (argv) => {
      refuseWords(argv._);
      choose({
        command: 'poll',
        sources: texts('source', argv.source),
        once: argv.once ?? false,
        autoEnqueue: argv.autoEnqueue,
      });
    },
  );
}

function withSources(parser: Argv, choose: Choose): Argv {
  return parser.command(
    'sources',
    'Show each source: its last success, its next poll, its last error',
    (sources) => sources.option('json', { type: 'boolean', describe: 'One JSON document' }),
    (argv) => choose({ command: 'sources', json: argv.json ?? false }),
  );
}

function withRejected(parser: Argv, choose: Choose): Argv {
  return parser.command(
    'rejected',
    'Show what was set aside, newest first, and why',
    (rejected) =>
      rejected.option('json', { type: 'boolean', describe: 'One JSON document' }).option('limit', {
        type: 'string',
        requiresArg: true,
        describe: `How many, 1 to ${String(LIMIT_MAX)} (default ${String(LIMIT_DEFAULT)})`,
      }),
    (argv) =>
      choose({
        command: 'rejected',
        json: argv.json ?? false,
        limit: parseLimit(texts('limit', argv.limit)),
      }),
  );
}

function described(parser: Argv): Argv {
  return parser
    .example('$0', 'Poll POLL_SOURCES (the sample postings, if unset) every POLL_INTERVAL seconds')
    .example('$0 --once --source file:jobs.ndjson', 'Take the postings of one file, then end')
    .example('$0 --once -s file:a.json -s file:b.ndjson --auto-enqueue', 'Two files, and enqueue what is new')
    .example('$0 rejected --json', 'What did not fit, and why, for a script')
    .epilogue(
      'A file holds one JSON array or NDJSON; a posting needs external_id, title and company, and may have location, ' +
        'url, description and posted_at (ISO 8601).\nExit codes: 0 done, 1 it could not be done, 2 wrong usage or ' +
        'configuration.',
    );
}

function usage(message: string): UsageError {
  const told = message
    .split('\n')
    .filter((line) => line !== '')
    .join('; ');
  return new UsageError(`${told}; see \`poller --help\``);
}

/** What stands behind `--`, which no option takes. */
function refuseWords(words: readonly (string | number)[]): void {
  if (words.length > 0) throw usage(`Unknown argument: ${words.join(' ')}`);
}

/** All values of an option; yargs gives an array for several, and `false` for `--no-NAME`. */
function texts(name: string, value: unknown): readonly string[] {
  const values: readonly unknown[] = value === undefined ? [] : [value].flat();
  const found = values.filter((one) => typeof one === 'string');
  if (found.length < values.length) throw usage(`--${name} takes a text`);
  return found;
}

function parseLimit(given: readonly string[]): number {
  const [text = String(LIMIT_DEFAULT), ...more] = given;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (more.length > 0 || limit < 1 || limit > LIMIT_MAX) {
    throw usage(`--limit takes one whole number from 1 to ${String(LIMIT_MAX)}`);
  }
  return limit;
}
