/** Debian's own Chromium: some 150 MB on a machine without any of its libraries. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runAs } from './account.ts';
import { libraryPath, unpackedPackage, type DebianPackage } from './debian-package.ts';
import type { Program } from './test-program.ts';

/** Undefined where there is no apt. Rejects where there is one and it cannot bring the package (no network). */
export async function debianChromium(
  options: Pick<DebianPackage, 'dpkgStatus' | 'folder'> = {},
): Promise<Program | undefined> {
  const folder = await unpackedPackage({
    name: 'chromium',
    finish: async (draft) => {
      const { file, env } = await browserIn(draft);
      await runAs(undefined, file, ['--version'], { env });
    },
    ...options,
  });
  return folder === undefined ? undefined : browserIn(folder);
}

/** The program itself: the script before it in usr/bin looks for it where it is installed. */
async function browserIn(folder: string): Promise<Program> {
  const fonts = join(folder, 'etc/fonts');
  const ownFonts = await stat(join(fonts, 'fonts.conf')).then(
    () => true,
    () => false, // the machine has its own
  );
  return {
    file: join(folder, 'usr/lib/chromium/chromium'),
    env: { LD_LIBRARY_PATH: await libraryPath(folder), ...(ownFonts ? { FONTCONFIG_PATH: fonts } : {}) },
  };
}
