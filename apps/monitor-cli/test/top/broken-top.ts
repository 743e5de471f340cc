// `top` in a program whose clock fails once, at the first look after SIGUSR2: its feed throws then where nothing waits for it.
import { runProgram, systemClock } from '@jobhive/config';
import { runCommandLine } from '../../src/run-command-line.ts';

let broken = false;
process.on('SIGUSR2', () => {
  broken = true;
});
const clock = {
  ...systemClock,
  monotonicMs: () => {
    if (!broken) return systemClock.monotonicMs();
    broken = false;
    throw new Error('the clock broke');
  },
};

runProgram((shutdown) => {
  const { stdout, stderr, env } = process;
  return runCommandLine(['top'], { stdout, stderr, env, shutdown, clock });
});
