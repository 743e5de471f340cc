/** The command line. Undefined where help was asked for and given; @throws WrongUsageError */
import yargs from 'yargs';
import { KINDS } from './kinds.ts';

export interface Options {
  readonly seed: number;
  readonly jobs: number;
  readonly workers: number;
  readonly minutes: number;
  readonly density: number;
  readonly calls: number;
  readonly allKinds: boolean;
  readonly only: readonly string[];
  readonly keep: boolean;
  readonly judgeOnly: boolean;
  readonly markdown: string | undefined;
  readonly json: string | undefined;
}

export class WrongUsageError extends Error {
  override readonly name = 'WrongUsageError';
}

/** What two processors carry besides the faults. */
const JOBS_PER_MINUTE = 1700;
const MINUTES_MIN = 0.75;

export async function parseOptions(
  args: readonly string[],
  print: (text: string) => void,
): Promise<Options | undefined> {
  const parser = parserOf(args);
  let told = false;
  const read = await parser.parseAsync([...args], {}, (_error: unknown, _argv: unknown, output: string) => {
    if (output === '') return;
    told = true;
    print(`${output}\n`);
  });
  if (told) return undefined;
  const jobs = whole('jobs', read.jobs, 1, 1_000_000);
  return {
    seed: whole('seed', read.seed, 0, 2 ** 31),
    jobs,
    workers: whole('workers', read.workers, 2, 100),
    minutes:
      read.minutes === undefined
        ? Math.max(MINUTES_MIN, jobs / JOBS_PER_MINUTE)
        : numberOf('minutes', read.minutes, 0.1, 10_000),
    density: numberOf('density', read.density, 0, 10),
    calls: whole('calls', read.calls, 0, 1_000_000),
    allKinds: read.allKinds,
    only: kinds(read.only),
    keep: read.keep,
    judgeOnly: read.judgeOnly,
    markdown: read.markdown,
    json: read.json,
  };
}

function parserOf(args: readonly string[]) {
  return yargs(args)
    .scriptName('npm run chaos --')
    .usage(
      '$0 [options]\n\nBreaks everything at once, by a plan that follows from the seed, and proves what became of it.',
    )
    .option('seed', { type: 'string', default: '1', describe: 'same seed, same plan' })
    .option('jobs', { type: 'string', default: '2000', describe: 'jobs; the number of faults goes with it' })
    .option('workers', { type: 'string', default: '6', describe: 'worker processes' })
    .option('minutes', {
      type: 'string',
      describe: `time for jobs and faults (default jobs / ${String(JOBS_PER_MINUTE)})`,
    })
    .option('density', { type: 'string', default: '1', describe: 'faults, as a multiple of what goes with the jobs' })
    .option('calls', {
      type: 'string',
      default: '0',
      describe: 'calls of eight operators besides: enqueue, cancel, retry, discard, clear, pause',
    })
    .option('all-kinds', { type: 'boolean', default: false, describe: 'switch no kind of fault off' })
    .option('only', { type: 'string', describe: 'only these kinds of fault, by comma' })
    .option('keep', { type: 'boolean', default: false, describe: 'keep the evidence, also where no law was broken' })
    .option('judge-only', {
      type: 'boolean',
      default: false,
      describe: 'run nothing: judge again what was kept of the run with these arguments',
    })
    .option('markdown', { type: 'string', describe: 'write the table to this file' })
    .option('json', { type: 'string', describe: 'write the figures to this file' })
    .example('$0 --seed 1 --jobs 20000 --workers 10', 'the run on record')
    .example('$0 --jobs 2000 --calls 10000 --density 0 --minutes 3', 'operators alone, without faults')
    .strict()
    .version(false)
    .help()
    .exitProcess(false)
    .fail((message, error) => {
      throw new WrongUsageError(message ?? error.message);
    });
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new WrongUsageError(
    `--${name} is ${JSON.stringify(text)}: a whole number from ${String(min)} to ${String(max)} is allowed`,
  );
}

function numberOf(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= min && value <= max) return value;
  throw new WrongUsageError(
    `--${name} is ${JSON.stringify(text)}: a number from ${String(min)} to ${String(max)} is allowed`,
  );
}

function kinds(text: string | undefined): string[] {
  const names = (text ?? '').split(',').filter((name) => name !== '');
  const known = KINDS.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return names;
  throw new WrongUsageError(`--only names ${unknown.join(', ')}: of ${known.join(', ')} any are allowed`);
}
