// `--ndjson`: a row of the answer a line, and all rows there are unless --limit is given, where `--json` is one document of
// at most 1,000 rows. Both at once is wrong usage.
import { UsageError } from '@jobhive/config';
import type { Option } from '../command.ts';
import type { Arguments } from './arguments.ts';

export const NDJSON_OPTION: Option = { type: 'flag', describe: 'a JSON document a line, for all rows there are' };

export function wantsLines(args: Arguments): boolean {
  const lines = args.flag('ndjson');
  if (lines && args.flag('json')) throw new UsageError('give --json or --ndjson, not both');
  return lines;
}
