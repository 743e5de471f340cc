/**
 * A folder of ours in /var/tmp for what another account must reach, named by what it stands in for. /var/tmp belongs to
 * everybody: a folder of that name which is not ours, or which others may write to, is refused.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

export function reachablePath(standsFor: string): string {
  const hash = createHash('sha256').update(standsFor).digest('hex').slice(0, 12);
  return join('/var/tmp', `jobhive-${hash}`);
}

/** Makes the folder where it is not there. */
export async function reachableFolder(standsFor: string): Promise<string> {
  const folder = reachablePath(standsFor);
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const found = await lstat(folder);
  const ours = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
  if (!ours) throw new Error(`${folder} is not ours, or others may write to it: remove it`);
  return folder;
}
