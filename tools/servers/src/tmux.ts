/** Which tmux the terminal tests run. */
import { join } from 'node:path';
import { runAs } from './account.ts';
import { libraryPath, unpackedPackage } from './debian-package.ts';
import { findTestProgram, type Program } from './test-program.ts';

/** @param path as PATH; default the machine's */
export function findTmux(path?: string): Promise<Program> {
  return findTestProgram({
    names: ['tmux'],
    path,
    what: 'tmux for the terminal tests',
    install: 'install tmux (Debian: apt-get install tmux)',
    fetch: debianTmux,
  });
}

async function debianTmux(): Promise<Program | undefined> {
  const folder = await unpackedPackage({
    name: 'tmux',
    finish: async (draft) => {
      const { file, env } = await programIn(draft);
      await runAs(undefined, file, ['-V'], { env });
    },
  });
  return folder === undefined ? undefined : programIn(folder);
}

async function programIn(folder: string): Promise<Program> {
  return { file: join(folder, 'usr/bin/tmux'), env: { LD_LIBRARY_PATH: await libraryPath(folder) } };
}
