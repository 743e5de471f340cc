/**
 * Which tmux the terminal tests run: one on the search path, else Debian's package, unpacked into a private cache: nothing is
 * installed, no right is needed. Rejects with what to install where neither is to be had.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runAs } from './account.ts';
import { cacheFolder, makeOnce } from './cache-folder.ts';
import { ServerMissingError } from './errors.ts';
import { onPath } from './search-path.ts';

export interface Tmux {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

const INSTALL = 'install tmux (Debian: apt-get install tmux)';

/** @param path as PATH; default the machine's */
export async function findTmux(path?: string): Promise<Tmux> {
  const installed = onPath('tmux', path);
  if (installed !== undefined) return { file: installed, env: {} };
  if (onPath('apt-get') === undefined || onPath('dpkg') === undefined)
    throw new ServerMissingError(`no tmux for the terminal tests, and no apt-get to fetch one privately: ${INSTALL}`);
  const place = join(await cacheFolder(), `tmux-${process.arch}`);
  try {
    await makeOnce(place, unpack);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ServerMissingError(
      `no tmux for the terminal tests, and Debian's could not be fetched (${reason}): ${INSTALL}`,
    );
  }
  return unpacked(place);
}

async function unpack(folder: string): Promise<void> {
  const work = join(folder, 'apt');
  const archives = join(work, 'cache/archives');
  for (const sub of ['lists/partial', 'cache/archives/partial']) await mkdir(join(work, sub), { recursive: true });
  const settings = [
    `Dir::State::lists=${work}/lists`,
    `Dir::Cache=${work}/cache`,
    'APT::Sandbox::User=',
    'Debug::NoLocking=1',
    'APT::Get::Assume-Yes=1',
    'APT::Install-Recommends=0',
  ].flatMap((setting) => ['-o', setting]);
  await runAs(undefined, 'apt-get', ['-qq', ...settings, 'update']);
  await runAs(undefined, 'apt-get', ['-qq', ...settings, '--download-only', '--reinstall', 'install', 'tmux']);
  const fetched = (await readdir(archives)).filter((name) => name.endsWith('.deb') && !/^libc6_/.test(name));
  for (const name of fetched) await runAs(undefined, 'dpkg', ['-x', join(archives, name), folder]);
  await rm(work, { recursive: true, force: true });
  const { file, env } = unpacked(folder);
  await runAs(undefined, file, ['-V'], { env });
}

function unpacked(folder: string): Tmux {
  const triplet = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
  const libraries = [`usr/lib/${triplet}-linux-gnu`, `lib/${triplet}-linux-gnu`].map((sub) => join(folder, sub));
  return { file: join(folder, 'usr/bin/tmux'), env: { LD_LIBRARY_PATH: libraries.join(':') } };
}
