// The worker's command line. What is not given comes from the environment, which is read once, in main.ts.
import { UsageError } from '@jobhive/config';
import yargs from 'yargs';

export interface WorkerOptions {
  readonly name: string | undefined;
  readonly concurrency: number | undefined;
  readonly burst: boolean;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

function checked(options: WorkerOptions): WorkerOptions {
  const { name, concurrency } = options;
  if (name !== undefined && !NAME.test(name)) {
    throw new UsageError(`--name is "${name}": letters, digits, ".", "_", ":" and "-" are allowed, at most 128`);
  }
  if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency >= 1)) {
    throw new UsageError('--concurrency has to be a whole number from 1: how many jobs this worker works on at once');
  }
  return options;
}

/**
 * @param args without node and the program
 * @returns undefined where help or the version was asked for, and has been printed
 * @throws UsageError
 */
export async function parseOptions(
  args: readonly string[],
  print: (text: string) => void,
): Promise<WorkerOptions | undefined> {
  const parser = yargs([...args])
    .scriptName('worker')
    .usage(
      '$0 [options]\n\nTakes jobs from the queue, runs the pipeline over each, and settles it. SIGTERM finishes what is in hand.',
    )
    .option('name', {
      type: 'string',
      describe: 'name of this worker, one living worker a name (default: host-pid; WORKER_NAME)',
    })
    .option('concurrency', { type: 'number', describe: 'jobs at once (default: 1; WORKER_CONCURRENCY)' })
    .option('burst', {
      type: 'boolean',
      default: false,
      describe: 'end with 0 once nothing waits and nothing is in hand',
    })
    .example('$0 --name a --concurrency 4', 'one worker with four slots')
    .example('$0 --burst', 'work off what waits, then end; jobs delayed for a retry are left')
    .example('PIPELINE_MODULE=./pipeline.mjs $0', 'run your own stages')
    .epilog('Configuration comes from the environment: REDIS_URL, DATABASE_URL, RQ_JOB_TIMEOUT, … (see the README).')
    .strict()
    .demandCommand(0, 0, '', 'the worker takes options only; see --help')
    .exitProcess(false)
    .help()
    .version(false)
    .fail((message: string, error: Error | undefined) => {
      throw error ?? new UsageError(`${message}; see --help`);
    });
  let printed = false;
  const argv = await parser.parseAsync([...args], {}, (_error, _argv, output) => {
    if (output === '') return;
    printed = true;
    print(`${output}\n`);
  });
  return printed ? undefined : checked({ name: argv.name, concurrency: argv.concurrency, burst: argv.burst });
}
