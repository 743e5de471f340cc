/**
 * A receiver of notices that is away for a minute, refuses, never answers, and closes in the middle of its answer, under load: each
 * notice arrives, at least once and under one id, a job's in their order; and the workers work as fast as beside a sound receiver.
 */
import { startWebhookReceiver, waitFor, type Manner, type WebhookReceiver } from '@jobhive/test-kit';
import { isQuiet } from '../agreement.ts';
import type { Bench } from '../bench.ts';
import type { Figure, Proof } from '../proof.ts';
import { afterSeconds, now, rateBetween } from '../rate.ts';

const WORKERS = 2;
const STAGE_MS = 20;
/** Jobs a second that they cannot reach. */
const RATE_MAX = (WORKERS * 1000) / STAGE_MS;
/** What waits beyond what a phase can take, so that the line is never empty in it. */
const AHEAD_SECONDS = 2;
const DRAIN_MS = 300_000;
const WAITING = 'SELECT count(*)::int FROM notices WHERE ended_at IS NULL AND gathered_into IS NULL';

interface Phase {
  readonly manner: Manner | 'away';
  readonly seconds: number;
}
interface Measured {
  readonly manner: Phase['manner'];
  readonly rate: number;
}

export const notices: Proof = {
  name: 'notices',
  title: 'a receiver of notices that is away for a minute, refuses, hangs and cuts, beside work that fails',
  options: {},
  run: async ({ bench, short, say }) => {
    const phases = phasesOf(short ? 4 : 20, short ? 5 : 60);
    const receiver = await startWebhookReceiver();
    try {
      const env = {
        STAGE_MS: String(STAGE_MS),
        FAIL_PERCENT: '2',
        RQ_MAX_RETRIES: '0',
        NOTIFY_WEBHOOK_URL: receiver.url,
        NOTIFY_WEBHOOK_SECRET: 'of the proof',
      };
      const workers = await Promise.all(
        Array.from({ length: WORKERS }, (_, n) => bench.worker(`w${String(n)}`, [], env)),
      );
      await bench.enqueue(RATE_MAX);
      await waitFor('the first notice', () => receiver.received.length > 0, { timeoutMs: 60_000 });
      const measured: Measured[] = [];
      for (const phase of phases) measured.push(await through(bench, receiver, phase, say));
      say('until all is done, and told');
      await waitFor('an empty line', () => isQuiet(bench), {
        timeoutMs: DRAIN_MS,
        intervalMs: 500,
      });
      await waitFor('all are told', async () => (await bench.value<number>(WAITING)) === 0, {
        timeoutMs: DRAIN_MS,
        intervalMs: 500,
      });
      await Promise.all(workers.map((worker) => worker.stop(40_000)));
      return [...rates(measured), ...(await arrivals(bench, receiver))];
    } finally {
      await receiver.close();
    }
  },
};

/** A sound receiver before, between and after, to compare with. */
function phasesOf(seconds: number, awaySeconds: number): Phase[] {
  const sound: Phase = { manner: 'takes', seconds };
  const bad: Phase[] = [
    { manner: 'away', seconds: awaySeconds },
    { manner: 'refuses', seconds },
    { manner: 'slow', seconds },
    { manner: 'cuts', seconds },
  ];
  return [sound, ...bad.flatMap((phase) => [phase, sound])];
}

/** What failed by then is brought back in the middle, so that jobs have several notices. */
async function through(
  bench: Bench,
  receiver: WebhookReceiver,
  { manner, seconds }: Phase,
  say: (text: string) => void,
): Promise<Measured> {
  say(`${manner}, for ${String(seconds)} s`);
  if (manner === 'away') await receiver.close();
  else receiver.manner = manner;
  await bench.enqueue(RATE_MAX * (seconds + AHEAD_SECONDS));
  const from = await now(bench);
  await afterSeconds(bench, from, seconds / 2);
  const failed = await bench.rows<{ job_id: string }>(
    `SELECT job_id FROM application_tracking WHERE status = 'failed' ORDER BY finished_at LIMIT 50`,
  );
  await bench.open.queue.retry({ jobIds: failed.map(({ job_id }) => job_id) }, { by: 'proof' });
  const rate = await rateBetween(bench, from, await afterSeconds(bench, from, seconds));
  if (manner === 'away') await receiver.open();
  receiver.manner = 'takes';
  return { manner, rate };
}

function rates(measured: readonly Measured[]): Figure[] {
  const mean = (of: readonly Measured[]): number => of.reduce((sum, { rate }) => sum + rate, 0) / of.length;
  const sound = mean(measured.filter(({ manner }) => manner === 'takes'));
  const bad = measured.filter(({ manner }) => manner !== 'takes');
  return [
    { name: 'rate beside a sound receiver', value: sound, unit: 'jobs/s' },
    ...bad.map(({ manner, rate }) => ({ name: `rate beside one: ${manner}`, value: rate, unit: 'jobs/s' })),
    { name: 'rate beside bad ones, in all', value: (mean(bad) / sound) * 100, unit: '%', least: 95 },
  ];
}

interface Made {
  readonly id: string;
  readonly job_id: string | null;
  readonly gathered: boolean;
}

async function arrivals(bench: Bench, receiver: WebhookReceiver): Promise<Figure[]> {
  const made = await bench.rows<Made>(
    `SELECT id, job_id, gathered_into IS NOT NULL AS gathered FROM notices ORDER BY seq`,
  );
  const taken = receiver.received.filter(({ manner }) => manner === 'takes');
  const sent = taken.map(({ body }) => JSON.parse(body) as { id: string; job_id: string | null }); // as our own sender writes it
  const firsts = new Map<string, number>();
  for (const [n, { id }] of sent.entries()) if (!firsts.has(id)) firsts.set(id, n);
  const alone = made.filter(({ gathered }) => !gathered);
  const ids = new Set(alone.map(({ id }) => id));
  return [
    { name: 'notices', value: made.length, unit: '', least: 1 },
    { name: 'of them gathered into bursts', value: made.length - alone.length, unit: '' },
    { name: 'never arrived', value: alone.filter(({ id }) => !firsts.has(id)).length, unit: '', most: 0 },
    {
      name: 'arrived under an id of none',
      value: [...firsts.keys()].filter((id) => !ids.has(id)).length,
      unit: '',
      most: 0,
    },
    { name: 'arrived again under their id', value: sent.length - firsts.size, unit: '' },
    { name: 'jobs with several', value: several(made), unit: '', least: 1 },
    { name: 'passed an earlier one of their job', value: passed(alone, firsts), unit: '', most: 0 },
  ];
}

function several(made: readonly Made[]): number {
  const counts = new Map<string, number>();
  for (const { job_id } of made) if (job_id !== null) counts.set(job_id, (counts.get(job_id) ?? 0) + 1);
  return [...counts.values()].filter((count) => count > 1).length;
}

/** Notices, in the order in which they were made, that arrived before an earlier one of the same job. */
function passed(made: readonly Made[], firsts: ReadonlyMap<string, number>): number {
  const last = new Map<string, number>();
  let count = 0;
  for (const { id, job_id } of made) {
    if (job_id === null) continue;
    const at = firsts.get(id) ?? -1;
    if (at < (last.get(job_id) ?? -1)) count += 1;
    last.set(job_id, at);
  }
  return count;
}
