/**
 * Where unpacked server binaries are kept between runs, for all checkouts of this user. What is made here is made beside
 * its place and renamed into it, so that two runs at once do no harm and a killed one leaves nothing half done.
 */
import { cp, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';

export async function cacheFolder(): Promise<string> {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folder = join(base, 'jobhive');
  try {
    await mkdir(folder, { recursive: true });
    return folder;
  } catch {
    const instead = join(tmpdir(), `jobhive-cache-${userInfo().uid}`); // a home that is read-only or not there
    await mkdir(instead, { recursive: true, mode: 0o700 });
    if ((await stat(instead)).uid !== userInfo().uid)
      throw new Error(`${instead} belongs to another user: set XDG_CACHE_HOME`);
    return instead;
  }
}

/** Makes `place` by `make`, unless it is there. */
export async function makeOnce(place: string, make: (draft: string) => Promise<void>): Promise<void> {
  if (await exists(place)) return;
  await mkdir(dirname(place), { recursive: true });
  const draft = await mkdtemp(`${place}-`);
  try {
    await make(draft);
    await rename(draft, place);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(place))) throw error; // else another run was quicker, which is as good
  }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

export function copyFolder(from: string, to: string): Promise<void> {
  return cp(from, to, { recursive: true, verbatimSymlinks: true });
}
