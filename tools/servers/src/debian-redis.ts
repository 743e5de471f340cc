/** Debian's own Redis. The one binary acts by its name, so redis-tools has the server in it. */
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { runAs } from './account.ts';
import { libraryPath, unpackedPackage } from './debian-package.ts';

export interface RedisBinary {
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Undefined where there is no apt. Rejects where there is one and it cannot bring the package (no network). */
export async function debianRedis(): Promise<RedisBinary | undefined> {
  const folder = await unpackedPackage({
    name: 'redis-tools',
    finish: async (draft) => {
      await symlink('redis-check-rdb', join(draft, 'usr/bin/redis-server'));
      const { file, env } = await binaryIn(draft);
      await runAs(undefined, file, ['--version'], { env });
    },
  });
  return folder === undefined ? undefined : binaryIn(folder);
}

async function binaryIn(folder: string): Promise<RedisBinary> {
  return { file: join(folder, 'usr/bin/redis-server'), env: { LD_LIBRARY_PATH: await libraryPath(folder) } };
}
