// retry: dead letters back into the queue, oldest failure first, each with a fresh set of attempts. Interrupted, it has
// retried what it told; asked again it goes on with the rest. Needs Postgres only; what Redis could not take is delivered
// when it is back.
import { UsageError } from '@jobhive/config';
import type { RetryFrom } from '@jobhive/db';
import type { DeadLetterSelection, RetryOptions } from '@jobhive/queue';
import type { Arguments } from '../arguments/arguments.ts';
import { jobId } from '../arguments/job-id.ts';
import { wholeNumber } from '../arguments/whole-number.ts';
import { RECORD, type Command, type Setting } from '../command.ts';
import { withProgress } from '../long-work.ts';

const RATE = { min: 1, max: 1_000_000 };

function selectionOf(args: Arguments): DeadLetterSelection {
  const [id, fingerprint] = [args.text('job-id'), args.text('fingerprint')];
  const given = [args.flag('all'), id !== undefined, fingerprint !== undefined].filter(Boolean).length;
  if (given !== 1) throw new UsageError('give one of --all, --job-id and --fingerprint');
  if (id !== undefined) return { jobId: jobId(id) };
  if (fingerprint === undefined) return { all: true };
  if (fingerprint === '') throw new UsageError('--fingerprint is empty; `monitor-cli failed groups` lists them');
  return { fingerprint };
}

function fromOf(args: Arguments): RetryFrom {
  const stage = args.text('from-stage');
  if (stage !== undefined && args.flag('from-start'))
    throw new UsageError('give --from-start or --from-stage, not both');
  if (stage !== undefined) return { kind: 'stage', name: stage };
  return { kind: args.flag('from-start') ? 'start' : 'last_good' };
}

/** A stage is known where one of the selected dead letters has it on record; where none is selected there is none to know. */
async function checkStage(
  { open: { queue }, by }: Setting,
  selection: DeadLetterSelection,
  from: RetryFrom,
): Promise<void> {
  if (from.kind !== 'stage') return;
  const { retried } = await queue.retry(selection, { by, dryRun: true }); // a job that cannot be retried is told first
  const stages = await queue.stagesOf(selection);
  if (retried === 0 || stages.includes(from.name)) return;
  const known = stages.length === 0 ? 'none is on record' : `on record: ${stages.join(', ')}`;
  throw new UsageError(`--from-stage ${JSON.stringify(from.name)} is no stage of what is to be retried; ${known}`);
}

function sentence(retried: number, dryRun: boolean, dispatched: boolean): string {
  if (retried === 0) return 'Nothing has failed; there is nothing to retry.';
  const jobs = `${String(retried)} ${retried === 1 ? 'job' : 'jobs'}`;
  if (dryRun) return `${jobs} would be retried.`;
  return `${jobs} ${retried === 1 ? 'is' : 'are'} queued again${dispatched ? '' : ', delivered when Redis is back'}.`;
}

interface Plan {
  readonly selection: DeadLetterSelection;
  readonly from: RetryFrom;
  readonly dryRun: boolean;
  readonly ratePerMinute: number | undefined;
}

async function retry(setting: Setting, { selection, ...plan }: Plan): Promise<void> {
  const { open, out, by } = setting;
  await checkStage(setting, selection, plan.from);
  const options: RetryOptions = { ...plan, by };
  const answer = await withProgress(setting, 'retrying', (work) =>
    open.queue.retry(selection, { ...options, ...work }),
  );
  const { dispatched, ...told } = answer;
  if (out.json) return out.document(plan.dryRun ? told : answer);
  out.lines(sentence(answer.retried, plan.dryRun, dispatched));
}

export const retryCommand: Command = {
  syntax: 'retry',
  describe: 'failed jobs back into the queue',
  options: {
    all: { type: 'flag', describe: 'all that failed' },
    'job-id': { type: 'text', describe: 'one job' },
    fingerprint: { type: 'text', describe: 'those that failed with one error (see `failed groups`)' },
    rate: { type: 'text', describe: 'at most so many a minute; the command waits' },
    'from-start': { type: 'flag', describe: 'run finished stages again too' },
    'from-stage': { type: 'text', describe: 'run this stage and the later ones again' },
    'dry-run': { type: 'flag', describe: 'tell what would be retried, and do nothing' },
  },
  examples: [
    ['$0 retry --all --dry-run', 'what would be retried'],
    ['$0 retry --fingerprint 3f9c2a7b1d04 --rate 60', 'one group, one a second'],
    ['$0 retry --job-id JOB_ID --from-start', 'one job, from its first stage'],
  ],
  prepare: (args) => {
    const rate = args.text('rate');
    const plan: Plan = {
      selection: selectionOf(args),
      from: fromOf(args),
      dryRun: args.flag('dry-run'),
      ratePerMinute: rate === undefined ? undefined : wholeNumber('--rate', rate, RATE),
    };
    return { needs: RECORD, heedsShutdown: true, run: (setting) => retry(setting, plan) };
  },
};
