/** Which promtool the tests of the alert rules run. It is one program without libraries of its own. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runAs } from './account.ts';
import { unpackedPackage } from './debian-package.ts';
import { findTestProgram, type Program } from './test-program.ts';

/** @param path as PATH; default the machine's. @returns the program */
export async function findPromtool(path?: string): Promise<string> {
  const { file } = await findTestProgram({
    names: ['promtool'],
    path,
    what: 'promtool for the alert rules',
    install: 'install promtool (Debian: apt-get install prometheus)',
    fetch: debianPromtool,
  });
  return file;
}

async function debianPromtool(): Promise<Program | undefined> {
  const folder = await unpackedPackage({
    name: 'prometheus',
    finish: async (draft) => {
      await rm(join(draft, 'usr/bin/prometheus'), { force: true }); // the server beside it is as large again
      await runAs(undefined, programIn(draft), ['--version']);
    },
  });
  return folder === undefined ? undefined : { file: programIn(folder), env: {} };
}

function programIn(folder: string): string {
  return join(folder, 'usr/bin/promtool');
}
