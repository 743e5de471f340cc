/**
 * `.state` of a working copy: what the development services leave there. Passwords and addresses are readable for the
 * owner alone. The folder itself can be passed through where we are root, since Postgres then runs as another account.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const serviceNames = ['redis', 'postgres'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** What the keeper has written down about the services that it runs. */
export interface RunningServices {
  /** Names the keeper that wrote this: left-overs of another one are told by it. */
  readonly keeper: string;
  readonly redisUrl?: string;
  readonly databaseUrl?: string;
}

export function stateFolder(root: string): string {
  const folder = join(realpathSync(root), '.state');
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, process.getuid?.() === 0 ? 0o711 : 0o700);
  return folder;
}

/** The password of this working copy's services, made once; two that ask at the same time get the same one. */
export function statePassword(folder: string): string {
  const file = join(folder, 'password');
  const draft = `${file}-${process.pid}`;
  writeFileSync(draft, randomBytes(24).toString('hex'), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    // The expected outcome, but for the first time: it is there.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(file, 'utf8').trim();
}

export function writeServices(folder: string, services: RunningServices): void {
  const file = join(folder, 'services.json');
  writeFileSync(`${file}-draft`, `${JSON.stringify(services, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}-draft`, file);
}

export function readServices(root: string): RunningServices | undefined {
  try {
    // Written by writeServices above, and renamed into place whole.
    return JSON.parse(readFileSync(join(root, '.state', 'services.json'), 'utf8')) as RunningServices;
  } catch {
    return undefined; // nothing runs, or ever ran
  }
}

export function removeServices(folder: string): void {
  rmSync(join(folder, 'services.json'), { force: true });
}
