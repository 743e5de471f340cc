// monitor-cli: the composition root. It holds no logic.
import { runProgram } from '@jobhive/config';
import { runCommandLine } from './run-command-line.ts';

runProgram((shutdown) => {
  const { stdout, stderr, env } = process;
  return runCommandLine(process.argv.slice(2), { stdout, stderr, env, shutdown });
});
