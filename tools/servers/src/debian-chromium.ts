/**
 * Debian's own Chromium, unpacked into a private folder with whatever libraries this machine lacks: nothing is installed, no right
 * is needed, root or not. apt decides what is missing and checks the signatures as always; its lists and packages go to a
 * folder of ours, and are fetched once for all runs of this user (some 150 MB on a machine without any of it).
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, makeOnce } from './cache-folder.ts';
import { onPath } from './search-path.ts';

export interface Browser {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface DebianChromiumOptions {
  /** What is installed, as dpkg keeps it; default the machine's own. */
  readonly dpkgStatus?: string;
  readonly folder?: string;
}

const FETCH_BOUND_MS = 10 * 60_000;

/** Undefined where there is no apt. Rejects where there is one and it cannot bring the package (no network). */
export async function debianChromium(options: DebianChromiumOptions = {}): Promise<Browser | undefined> {
  if (onPath('apt-get') === undefined || onPath('dpkg') === undefined) return undefined;
  const place = options.folder ?? join(await cacheFolder(), `chromium-${process.arch}`);
  await makeOnce(place, (draft) => unpack(draft, options.dpkgStatus));
  return browserIn(place);
}

async function unpack(folder: string, dpkgStatus: string | undefined): Promise<void> {
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
  await run('apt-get', ['-qq', ...settings, '--download-only', 'install', 'chromium']);
  const fetched = (await readdir(archives)).filter((name) => name.endsWith('.deb'));
  for (const name of fetched.filter(unpackable)) await run('dpkg', ['-x', join(archives, name), folder]);
  await rm(work, { recursive: true, force: true });
  const browser = await browserIn(folder);
  await run(browser.file, ['--version'], browser.env);
}

/** The C library is everywhere, and must not be mixed. */
function unpackable(name: string): boolean {
  return !/^(libc6|libc-bin|libc-l10n|locales)_/.test(name);
}

/** The program itself: the script before it in usr/bin looks for it where it is installed. */
async function browserIn(folder: string): Promise<Browser> {
  const libraries = await libraryFolders(folder);
  const fonts = join(folder, 'etc/fonts');
  const ownFonts = await stat(join(fonts, 'fonts.conf')).then(
    () => true,
    () => false, // the machine has its own
  );
  return {
    file: join(folder, 'usr/lib/chromium/chromium'),
    env: { LD_LIBRARY_PATH: libraries.join(':'), ...(ownFonts ? { FONTCONFIG_PATH: fonts } : {}) },
  };
}

/** The folders of Debian's multiarch layout, and those that the packages name to the loader themselves. */
async function libraryFolders(folder: string): Promise<readonly string[]> {
  const triplet = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
  const named = join(folder, 'etc/ld.so.conf.d');
  const files = await readdir(named).catch(() => []); // most packages name none
  const texts = await Promise.all(files.map((file) => readFile(join(named, file), 'utf8')));
  const also = texts.flatMap((text) => text.split('\n').filter((line) => line.startsWith('/')));
  return [`/usr/lib/${triplet}-linux-gnu`, `/lib/${triplet}-linux-gnu`, ...also].map((sub) => join(folder, sub));
}

function run(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  const settings = {
    cwd: '/',
    timeout: FETCH_BOUND_MS,
    maxBuffer: 1 << 26,
    env: { PATH: process.env['PATH'], LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive', ...env },
  };
  return new Promise((resolve, reject) => {
    execFile(file, args, settings, (error, _stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`${file} failed: ${stderr.trim() || error.message}`, { cause: error }));
    });
  });
}
