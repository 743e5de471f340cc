/**
 * Where Postgres' data stands. For an ordinary user that is the folder asked for. For root it must be one that the account
 * `nobody` can reach, which is found by trying: the folder asked for, else one in /var/tmp.
 */
import { chmod, chown, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Account, canUse } from './account.ts';
import { exists } from './cache-folder.ts';
import { reachableFolder, reachablePath } from './reachable-folder.ts';

/** A folder that goes away with its server. */
export async function throwAwayPlace(account: Account | undefined): Promise<string> {
  for (const base of new Set([tmpdir(), '/tmp', '/var/tmp'])) {
    const folder = await realpath(await mkdtemp(join(base, 'jobhive-postgres-')));
    if (await givenTo(account, folder)) return folder;
    await rm(folder, { recursive: true, force: true });
  }
  throw new Error('no temporary folder that the account `nobody` can reach: set TMPDIR to one');
}

/** `folder`, or its stand-in; one that already holds data comes first, so that data does not vanish. */
export async function keptPlace(account: Account | undefined, folder: string): Promise<string> {
  const standIn = join(reachablePath(folder), basename(folder));
  const choices = account === undefined ? [folder] : [folder, standIn];
  if (account !== undefined && (await exists(join(standIn, 'initialised')))) choices.reverse();
  for (const choice of choices) {
    if (choice === standIn) await reachableFolder(folder);
    await mkdir(choice, { recursive: true, mode: 0o700 });
    if (await givenTo(account, choice)) return realpath(choice);
  }
  throw new Error(`the account \`nobody\` can reach none of ${choices.join(', ')}: work as an ordinary user`);
}

async function givenTo(account: Account | undefined, folder: string): Promise<boolean> {
  await chmod(folder, 0o700);
  if (account !== undefined) await chown(folder, account.uid, account.gid);
  return canUse(account, folder);
}
