// status: the figures of the queue as a whole. Needs Postgres; with Redis away it still answers, and says so. With
// --watch once a second until it is asked to end, which is 0: redrawn on a terminal, else a line each time. A store that
// goes away meanwhile does not end the watch.
import { sleep } from '@jobhive/config';
import { PostgresAwayError } from '@jobhive/db';
import { RECORD_REDIS_IF_THERE, type Act, type Command, type Setting } from '../command.ts';
import { statusLine, statusLines } from '../print/status-lines.ts';

const WATCH_MS = 1000;
const CLEAR_SCREEN = '\u001b[H\u001b[J';

async function once({ open, out, clock }: Setting): Promise<void> {
  const document = await open.queue.status();
  if (out.json) return out.document(document);
  out.lines(...statusLines(document, clock.now(), out.paint, out.columns()));
}

async function show(setting: Setting): Promise<void> {
  const { open, out, clock } = setting;
  const document = await open.queue.status();
  if (out.json) return out.document(document);
  if (!out.isTerminal) return out.lines(statusLine(document, clock.now()));
  const lines = statusLines(document, clock.now(), out.paint, out.columns());
  const rows = (out.rows() ?? 24) - 2;
  out.raw(`${CLEAR_SCREEN}${lines.slice(0, rows).join('\n')}\n${out.paint.dim('Ctrl-C ends')}\n`);
}

/** Once Postgres was there, its absence is told, and tried again. */
async function watch(setting: Setting): Promise<void> {
  const { log, shutdown } = setting;
  let away = false;
  await show(setting);
  while (!shutdown.aborted) {
    await sleep(WATCH_MS, shutdown).catch(() => undefined); // asked to end: the loop sees it
    if (shutdown.aborted) return;
    try {
      await show(setting);
      away = false;
    } catch (error) {
      if (!(error instanceof PostgresAwayError)) throw error;
      if (!away) log.warn('Postgres is away; the watch goes on when it is back');
      away = true;
    }
  }
}

export const statusCommand: Command = {
  syntax: 'status',
  describe: 'depth, rate, workers, execution times',
  options: { watch: { type: 'flag', describe: 'again each second, until Ctrl-C' } },
  examples: [
    ['$0 status', 'the figures now'],
    ['$0 status --watch', 'redrawn each second'],
    ['$0 status --json | jq .depth', 'one figure'],
  ],
  prepare: (args): Act => {
    const needs = RECORD_REDIS_IF_THERE;
    return args.flag('watch') ? { needs, lasts: true, run: watch } : { needs, run: once };
  },
};
