/**
 * Which Chromium the browser tests run: the one that JOBHIVE_TEST_CHROMIUM names, one on the search path, else Debian's package in
 * a private cache. Rejects with what was tried and what to install.
 */
import { debianChromium, type Browser } from './debian-chromium.ts';
import { ServerMissingError } from './errors.ts';
import { executable, onPath } from './search-path.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

export async function findChromium(env: NodeJS.ProcessEnv = process.env): Promise<Browser> {
  const named = env['JOBHIVE_TEST_CHROMIUM'];
  if (named !== undefined && named !== '') return namedBrowser(named);
  const installed = NAMES.map((name) => onPath(name, env['PATH'])).find((file) => file !== undefined);
  if (installed !== undefined) return { file: installed, env: {} };
  return fetchedBrowser();
}

function namedBrowser(file: string): Browser {
  if (executable(file)) return { file, env: {} };
  throw new ServerMissingError(`JOBHIVE_TEST_CHROMIUM is ${JSON.stringify(file)}: that is no program`);
}

async function fetchedBrowser(): Promise<Browser> {
  const install = 'install chromium (Debian: apt-get install chromium), or name a Chrome in JOBHIVE_TEST_CHROMIUM';
  try {
    const fetched = await debianChromium();
    if (fetched !== undefined) return fetched;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ServerMissingError(
      `no Chromium for the browser tests, and Debian's could not be fetched (${reason}): ${install}`,
    );
  }
  throw new ServerMissingError(`no Chromium for the browser tests, and no apt-get to fetch one privately: ${install}`);
}
