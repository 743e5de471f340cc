/** Which Chromium the browser tests run: the one that JOBHIVE_TEST_CHROMIUM names, else as every program of the tests. */
import { debianChromium } from './debian-chromium.ts';
import { ServerMissingError } from './errors.ts';
import { executable } from './search-path.ts';
import { findTestProgram, type Program } from './test-program.ts';

export async function findChromium(env: NodeJS.ProcessEnv = process.env): Promise<Program> {
  const named = env['JOBHIVE_TEST_CHROMIUM'];
  if (named !== undefined && named !== '') return namedBrowser(named);
  return findTestProgram({
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    path: env['PATH'],
    what: 'Chromium for the browser tests',
    install: 'install chromium (Debian: apt-get install chromium), or name a Chrome in JOBHIVE_TEST_CHROMIUM',
    fetch: debianChromium,
  });
}

function namedBrowser(file: string): Program {
  if (executable(file)) return { file, env: {} };
  throw new ServerMissingError(`JOBHIVE_TEST_CHROMIUM is ${JSON.stringify(file)}: that is no program`);
}
