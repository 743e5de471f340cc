/**
 * A throw-away copy of the working tree in which a mutant may live: sources copied, installed packages linked, the workspace's
 * own packages linked to the copy. Nothing in it leads a write back to the tree it was taken from.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const AREAS = ['apps', 'libs', 'tools'];
const LEFT_OUT = new Set(['node_modules', 'dist', 'coverage', '.nx', '.state', 'output', 'million']);

export interface TreeCopy {
  readonly folder: string;
  remove(): void;
}

export function copyOfTree(root: string): TreeCopy {
  const folder = mkdtempSync(join(tmpdir(), 'jobhive-mutant-'));
  for (const area of AREAS) {
    cpSync(join(root, area), join(folder, area), {
      recursive: true,
      filter: (path) => !LEFT_OUT.has(basename(path)) || path.includes('/test/'),
    });
  }
  for (const file of readdirSync(root)) {
    if (/\.(json|ts|mjs)$/.test(file)) cpSync(join(root, file), join(folder, file));
  }
  linkPackages(root, folder, '.');
  for (const project of projectsOf(root)) linkPackages(root, folder, project);
  mkdirSync(join(folder, 'node_modules', '@jobhive'), { recursive: true });
  for (const project of projectsOf(root)) {
    symlinkSync(join(folder, project), join(folder, 'node_modules', '@jobhive', basename(project)));
  }
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function projectsOf(root: string): string[] {
  const all = AREAS.flatMap((area) => readdirSync(join(root, area)).map((name) => join(area, name)));
  return all.filter((project) => existsSync(join(root, project, 'package.json')));
}

/** One link for each package: a link to the whole folder would lead to the workspace's own packages as they are. */
function linkPackages(root: string, folder: string, project: string): void {
  const from = join(root, project, 'node_modules');
  if (!existsSync(from)) return;
  const to = join(folder, project, 'node_modules');
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== '@jobhive' && name !== '.vite') symlinkSync(join(from, name), join(to, name));
  }
}
