// The poller's process: arguments, environment and streams handed to runCommand, signals and exit codes to runProgram.
import { runProgram } from '@jobhive/config';
import { runCommand } from './run-command.ts';

runProgram((shutdown) =>
  runCommand({
    args: process.argv.slice(2),
    env: process.env,
    print: (text) => void process.stdout.write(`${text}\n`),
    stderr: process.stderr,
    shutdown,
  }),
);
