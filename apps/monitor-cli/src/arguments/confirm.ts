// What cannot be taken back is done only with --confirm.
import { UsageError } from '@jobhive/config';
import type { Arguments } from './arguments.ts';

export function requireConfirm(args: Arguments, what: string): void {
  if (!args.flag('confirm')) throw new UsageError(`${what}; add --confirm if that is meant`);
}
