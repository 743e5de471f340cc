/**
 * A program out of Debian's (or Ubuntu's) own package, unpacked into a private folder with whatever libraries this machine
 * lacks: nothing is installed, no right is needed, root or not. apt decides what is missing and checks the signatures as
 * always; its lists and packages go to a folder of ours, and are fetched once for all runs of this user.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runAs } from './account.ts';
import { cacheFolder, makeOnce } from './cache-folder.ts';
import { onPath } from './search-path.ts';

export interface DebianPackage {
  readonly name: string;
  /** Puts the unpacked folder in order, and runs the program once: one that does not run is not kept. */
  readonly finish: (folder: string) => Promise<void>;
  /** What is installed, as dpkg keeps it; default the machine's own. */
  readonly dpkgStatus?: string | undefined;
  /** Default one in the user's cache. */
  readonly folder?: string | undefined;
}

const FETCH_BOUND_MS = 10 * 60_000;

/** The folder; undefined where there is no apt. Rejects where there is one and it cannot bring the package (no network). */
export async function unpackedPackage(wanted: DebianPackage): Promise<string | undefined> {
  if (onPath('apt-get') === undefined || onPath('dpkg') === undefined) return undefined;
  const place = wanted.folder ?? join(await cacheFolder(), `${wanted.name}-${process.arch}`);
  await makeOnce(place, (draft) => unpack(draft, wanted));
  return place;
}

async function unpack(folder: string, { name, finish, dpkgStatus }: DebianPackage): Promise<void> {
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
    ...(dpkgStatus === undefined ? [] : [`Dir::State::status=${dpkgStatus}`]),
  ].flatMap((setting) => ['-o', setting]);
  await run('apt-get', ['-qq', ...settings, 'update']);
  await run('apt-get', ['-qq', ...settings, '--download-only', '--reinstall', 'install', name]);
  const fetched = (await readdir(archives)).filter((file) => file.endsWith('.deb'));
  for (const file of fetched.filter(mayBeMixed)) await run('dpkg', ['-x', join(archives, file), folder]);
  await rm(work, { recursive: true, force: true });
  await finish(folder);
}

async function run(file: string, args: readonly string[]): Promise<void> {
  await runAs(undefined, file, args, { timeoutMs: FETCH_BOUND_MS, env: { DEBIAN_FRONTEND: 'noninteractive' } });
}

/** The C library is everywhere, and must not be another than the loader's. */
function mayBeMixed(file: string): boolean {
  return !/^(libc6|libc-bin|libc-l10n|locales)_/.test(file);
}

/**
 * For LD_LIBRARY_PATH: the folders of Debian's multiarch layout with those below that hold libraries (their users find them by
 * the absolute path of an installed package), and those that the packages name to the loader themselves.
 */
export async function libraryPath(folder: string): Promise<string> {
  const triplet = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
  const layout = [`/usr/lib/${triplet}-linux-gnu`, `/lib/${triplet}-linux-gnu`].map((sub) => join(folder, sub));
  const below = await Promise.all(layout.map(librariesBelow));
  return [...layout, ...below.flat(), ...(await namedToTheLoader(folder))].join(':');
}

async function librariesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []); // a package may have none
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  const names = await Promise.all(folders.map((each) => readdir(each)));
  return folders.filter((_, n) => names[n]?.some((name) => /^lib.+\.so(\.|$)/.test(name)));
}

async function namedToTheLoader(folder: string): Promise<string[]> {
  const named = join(folder, 'etc/ld.so.conf.d');
  const files = await readdir(named).catch(() => []); // most packages name none
  const texts = await Promise.all(files.map((file) => readFile(join(named, file), 'utf8')));
  const lines = texts.flatMap((text) => text.split('\n').filter((line) => line.startsWith('/')));
  return lines.map((line) => join(folder, line));
}
