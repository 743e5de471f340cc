/** What the dashboard costs at rest with one reader of its stream, and how much 50 of them slow the pick-up of jobs. */
import { readFile } from 'node:fs/promises';
import { freePort, waitFor } from '@jobhive/test-kit';
import type { Bench } from '../bench.ts';
import type { Figure, Proof } from '../proof.ts';
import { afterSeconds, now } from '../rate.ts';

const VIEWERS = 50;
/** Of them so many look at the list of jobs, which is asked again while work moves. */
const LISTS = 10;
const LIST_AGAIN_MS = 1500;
const TICKS_A_SECOND = 100;

export const dashboard: Proof = {
  name: 'dashboard',
  title: 'what the dashboard costs at rest, and 50 viewers of it the workers',
  options: {},
  run: async ({ bench, short, say }) => {
    const { port, pid } = await start(bench);
    say('at rest, with one reader');
    const reader = watch(port, 1, 0);
    const rest = await atRest(bench, pid, short ? 10 : 60);
    reader.abort();
    await bench.worker('w1');
    const alone: number[] = [];
    const watched: number[] = [];
    for (let round = 0; round < (short ? 2 : 6); round += 1) {
      say(`round ${String(round + 1)}: alone, then with ${String(VIEWERS)} viewers`);
      alone.push(await pickUpMs(bench, short ? 50 : 300));
      const viewers = watch(port, VIEWERS, LISTS);
      watched.push(await pickUpMs(bench, short ? 50 : 300));
      viewers.abort();
    }
    const [without, beside] = [median(alone), median(watched)];
    return [
      ...rest,
      { name: 'pick-up, median, nobody looks', value: without, unit: 'ms' },
      { name: `pick-up, median, ${String(VIEWERS)} viewers`, value: beside, unit: 'ms' },
      { name: 'slower by', value: (beside / without - 1) * 100, unit: '%', most: 10 },
    ];
  },
};

async function start(bench: Bench): Promise<{ port: number; pid: number }> {
  const port = await freePort();
  const { pid } = await bench.dashboard(port);
  return { port, pid };
}

/** Of one core, in %, and commands of Redis a second, our own two looks at its count left out. */
async function atRest(bench: Bench, pid: number, seconds: number): Promise<Figure[]> {
  const from = await now(bench);
  const [ticks, commands] = [await ticksOf(pid), await commandsOf(bench)];
  const to = await afterSeconds(bench, from, seconds);
  const lasted = (to.getTime() - from.getTime()) / 1000;
  const [used, sent] = [(await ticksOf(pid)) - ticks, (await commandsOf(bench)) - commands - 1];
  return [
    { name: 'a core, at rest', value: ((used / TICKS_A_SECOND) * 100) / lasted, unit: '%', most: 1 },
    { name: 'Redis commands, at rest', value: sent / lasted, unit: '/s', most: 5 },
  ];
}

async function ticksOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${String(pid)}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

async function commandsOf({ redis }: Bench): Promise<number> {
  return Number(/total_commands_processed:(\d+)/.exec(await redis.client.info('stats'))?.[1]);
}

/** Readers of the stream, some of which also ask the list of jobs again and again, until they are aborted. */
function watch(port: number, viewers: number, lists: number): AbortController {
  const end = new AbortController();
  const address = `http://127.0.0.1:${String(port)}`;
  const follow = async (path: string): Promise<void> => {
    const { body } = await fetch(`${address}${path}`, { signal: end.signal });
    for await (const _ of body ?? []) if (end.signal.aborted) return;
  };
  const quietly = (reading: Promise<void>): void => void reading.catch(() => undefined); // aborted, as wanted
  for (let n = 0; n < viewers; n += 1) quietly(follow('/api/events'));
  const asking = setInterval(() => {
    for (let n = 0; n < lists; n += 1) quietly(follow('/api/jobs'));
  }, LIST_AGAIN_MS);
  end.signal.addEventListener('abort', () => {
    clearInterval(asking);
  });
  return end;
}

/** One after the other, each into an idle queue: from the record of its enqueue to that of its claim. */
async function pickUpMs(bench: Bench, count: number): Promise<number> {
  const ids = await bench.discover(count);
  for (const id of ids) {
    await bench.open.queue.enqueueJobs([id]);
    await waitFor('the job to be processed', async () => (await statusOf(bench, id)) === 'processed', {
      intervalMs: 5,
    });
  }
  return bench.value<number>(
    `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM c.at - q.at) * 1000)::float8
     FROM job_events q JOIN job_events c USING (job_id) WHERE q.event = 'queued' AND c.event = 'claimed' AND q.job_id = ANY ($1)`,
    [ids],
  );
}

function statusOf(bench: Bench, id: string): Promise<string> {
  return bench.value<string>('SELECT status FROM application_tracking WHERE job_id = $1', [id]);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
