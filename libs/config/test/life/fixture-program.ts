/** A program for the tests of exit.ts; its first argument says how it behaves. */
import { createLogger, ConfigurationError, RefusedError, runProgram, sleep, type Program } from '../../src/index.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const behaviours: Readonly<Record<string, Program>> = {
  done: () => Promise.resolve(),
  number: () => Promise.resolve(1),
  'open handles': () => {
    setInterval(() => undefined, 1_000);
    say('done');
    return Promise.resolve();
  },
  large: () => {
    process.stdout.write('x'.repeat(5_000_000));
    return Promise.resolve();
  },
  refused: () => Promise.reject(new RefusedError('it was refused: ask again later')),
  configuration: () => Promise.reject(new ConfigurationError(['A is wrong', 'B is wrong'])),
  synchronous: () => {
    throw new Error('thrown at once');
  },
  rejection: () => {
    void Promise.reject(new Error('nobody waited'));
    return sleep(60_000);
  },
  exception: () => {
    setImmediate(() => {
      throw new Error('nobody caught');
    });
    return sleep(60_000);
  },
  'throwing exit': () => {
    process.on('exit', () => {
      throw new Error('thrown at the exit');
    });
    setInterval(() => undefined, 1_000);
    return Promise.resolve();
  },
  stuck: () => new Promise(() => undefined),
  orderly: async (shutdown) => {
    say('ready');
    await sleep(60_000, shutdown).catch(() => undefined);
    say('stopped in order');
  },
  aborted: (shutdown) => {
    say('ready');
    return sleep(60_000, shutdown);
  },
  stubborn: async (shutdown) => {
    shutdown.addEventListener('abort', () => say('asked'));
    say('ready');
    await sleep(60_000);
  },
  endless: async (shutdown) => {
    while (!shutdown.aborted) {
      say('line');
      await sleep(1);
    }
  },
  'closed stderr': async () => {
    const log = createLogger({ level: 'info', format: 'json' });
    for (let line = 0; line < 200; line += 1) {
      log.info('line');
      await sleep(1);
    }
    say('done');
  },
};

const behaviour = behaviours[process.argv[2] ?? ''];
if (behaviour !== undefined) runProgram(behaviour);
