/**
 * Debian's (or Ubuntu's) own Redis, unpacked into a private folder: nothing is installed, no right is needed. apt checks the
 * signatures as always; its lists and packages go to a folder of ours. The one binary acts by its name, so redis-tools
 * has the server in it.
 */
import { mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { runAs } from './account.ts';
import { cacheFolder, makeOnce } from './cache-folder.ts';
import { onPath } from './search-path.ts';

export interface RedisBinary {
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Undefined where there is no apt. Rejects where there is one and it cannot bring the package (no network). */
export async function debianRedis(): Promise<RedisBinary | undefined> {
  if (onPath('apt-get') === undefined || onPath('dpkg') === undefined) return undefined;
  const place = join(await cacheFolder(), `redis-${process.arch}`);
  await makeOnce(place, unpack);
  return binaryIn(place);
}

async function unpack(folder: string): Promise<void> {
  const work = join(folder, 'apt');
  for (const sub of ['lists/partial', 'cache/archives/partial']) await mkdir(join(work, sub), { recursive: true });
  const options = [
    '-qq',
    '-o',
    `Dir::State::lists=${work}/lists`,
    '-o',
    `Dir::Cache=${work}/cache`,
    '-o',
    'APT::Sandbox::User=',
    '-o',
    'Debug::NoLocking=1',
  ];
  await runAs(undefined, 'apt-get', [...options, 'update']);
  const packages = ['redis-tools', ...(await missingLibraries(options))];
  await runAs(undefined, '/bin/sh', [
    '-c',
    'cd "$1" && shift && exec apt-get "$@"',
    'sh',
    work,
    ...options,
    'download',
    ...packages,
  ]);
  for (const file of await readdir(work)) {
    if (file.endsWith('.deb')) await runAs(undefined, 'dpkg', ['-x', join(work, file), folder]);
  }
  await rm(work, { recursive: true, force: true });
  await symlink('redis-check-rdb', join(folder, 'usr/bin/redis-server'));
  await runAs(undefined, 'redis-server', ['--version'], { env: environment(folder, join(folder, 'usr/bin')) });
}

/** What redis-tools needs and this machine has not; the C library itself is everywhere, and must not be mixed. */
async function missingLibraries(options: readonly string[]): Promise<readonly string[]> {
  const answer = await runAs(undefined, 'apt-cache', [
    ...options,
    'depends',
    '--no-recommends',
    '--no-suggests',
    'redis-tools',
  ]);
  const names = new Set([...answer.matchAll(/^ *Depends: ((?:lib|lua)\S+)$/gm)].map(([, name]) => name ?? ''));
  const installed = await runAs(undefined, 'dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n']);
  for (const [, name] of installed.matchAll(/^(\S+) installed$/gm)) names.delete(name ?? '');
  return [...names].filter((name) => name !== 'libc6');
}

function binaryIn(folder: string): RedisBinary {
  return { file: join(folder, 'usr/bin/redis-server'), env: environment(folder) };
}

function environment(folder: string, path?: string): NodeJS.ProcessEnv {
  const triplet = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
  const libraries = [`usr/lib/${triplet}-linux-gnu`, `lib/${triplet}-linux-gnu`]
    .map((sub) => join(folder, sub))
    .join(':');
  return { LD_LIBRARY_PATH: libraries, ...(path === undefined ? {} : { PATH: path }) };
}
