// From the command line to an exit code: what is asked, with the environment read once. The streams and the environment
// are arguments, so that a test runs the same program as a shell does.
import { createLogger, readEnvironment, secretsOf, type Environment, type Logger } from '@jobhive/config';
import { parseOptions } from './options.ts';
import { listRejected } from './commands/list-rejected.ts';
import { listSources } from './commands/list-sources.ts';
import { poll } from './commands/poll.ts';

export interface Surroundings {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** One line, or text of several, on stdout. */
  readonly print: (text: string) => void;
  readonly stderr: NodeJS.WritableStream;
  /** Aborted when the program is asked to end. */
  readonly shutdown: AbortSignal;
}

export interface CommandParts {
  readonly environment: Environment;
  readonly log: Logger;
  readonly print: (text: string) => void;
  readonly shutdown: AbortSignal;
}

export async function runCommand({ args, env, print, stderr, shutdown }: Surroundings): Promise<void> {
  const options = parseOptions(args);
  if (options.command === 'help') return print(options.text);
  const environment = readEnvironment(env);
  const log = createLogger({
    level: environment.logLevel,
    format: environment.logFormat,
    stream: stderr,
    secrets: secretsOf(environment),
  });
  const parts: CommandParts = { environment, log, print, shutdown };
  if (options.command === 'sources') return listSources(parts, options);
  if (options.command === 'rejected') return listRejected(parts, options);
  return poll(parts, options);
}
