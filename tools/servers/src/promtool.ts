/**
 * Which promtool the tests of the alert rules run: one on the search path, else Debian's package, unpacked into a private cache:
 * nothing is installed, no right is needed. It is one program without libraries of its own. Rejects with what to install
 * where neither is to be had.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runAs } from './account.ts';
import { cacheFolder, makeOnce } from './cache-folder.ts';
import { ServerMissingError } from './errors.ts';
import { onPath } from './search-path.ts';

const INSTALL = 'install promtool (Debian: apt-get install prometheus)';

/** @param path as PATH; default the machine's. @returns the program */
export async function findPromtool(path?: string): Promise<string> {
  const installed = onPath('promtool', path);
  if (installed !== undefined) return installed;
  if (onPath('apt-get') === undefined || onPath('dpkg') === undefined)
    throw new ServerMissingError(`no promtool for the alert rules, and no apt-get to fetch one privately: ${INSTALL}`);
  const place = join(await cacheFolder(), `promtool-${process.arch}`);
  try {
    await makeOnce(place, unpack);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ServerMissingError(
      `no promtool for the alert rules, and Debian's could not be fetched (${reason}): ${INSTALL}`,
    );
  }
  return join(place, 'usr/bin/promtool');
}

/** Of the package the one program is kept; the server beside it is as large again. */
async function unpack(folder: string): Promise<void> {
  const work = join(folder, 'apt');
  for (const sub of ['lists/partial', 'cache/archives/partial']) await mkdir(join(work, sub), { recursive: true });
  const settings = [
    `Dir::State::lists=${work}/lists`,
    `Dir::Cache=${work}/cache`,
    'APT::Sandbox::User=',
    'Debug::NoLocking=1',
  ].flatMap((setting) => ['-o', setting]);
  await runAs(undefined, 'apt-get', ['-qq', ...settings, 'update']);
  const download = 'cd "$1" && shift && exec apt-get "$@"';
  await runAs(undefined, '/bin/sh', ['-c', download, 'sh', work, '-qq', ...settings, 'download', 'prometheus']);
  for (const name of await readdir(work)) {
    if (name.endsWith('.deb')) await runAs(undefined, 'dpkg', ['-x', join(work, name), folder]);
  }
  await rm(join(folder, 'usr/bin/prometheus'), { force: true });
  await rm(work, { recursive: true, force: true });
  await runAs(undefined, join(folder, 'usr/bin/promtool'), ['--version']);
}
