/** Histories as text: what the record may tell, and what it may not. */
import { expect, it } from 'vitest';
import { checkHistory, describeViolations } from '../../src/history/check-history.ts';
import type { HistoryEvent } from '../../src/history/story.ts';

/** `claimed 1 a`: event, attempt, worker; `stage_finished 1 a match`: stage; `given_back 1 a shutdown`: reason. */
function history(text: string, jobId = 'job'): HistoryEvent[] {
  return text.split(',').map((line) => {
    const [event = '', attempt = '0', worker, word, version] = line.trim().split(' ');
    const told = event === 'stage_finished' ? { stage: word, version: Number(version ?? 1) } : { reason: word };
    const detail = event === 'retried' ? { from: word, stage: version } : told;
    return { job_id: jobId, event, attempt: Number(attempt), worker_name: worker ?? null, detail };
  });
}
const messages = (text: string, options = {}): string[] =>
  checkHistory(history(text), options).map(({ message }) => message);

const START = 'discovered 0, queued 0';

it.each([
  `${START}, claimed 1 a, stage_finished 1 a match, stage_finished 1 a document, processed 1 a`,
  `${START}, claimed 1 a, retry_scheduled 1 a error, dispatched 1, claimed 2 b, failed 2 b error`,
  `${START}, claimed 1 a, retry_scheduled 1 a retry_after, claimed 1 a, processed 1 a`,
  `${START}, claimed 1 a, given_back 1 a shutdown, claimed 1 b, stale_write_refused 1 a, processed 1 b`,
  `${START}, claimed 1 a, worker_lost 1 a, claimed 2 b, worker_lost 2 b, stale_write_refused 2 b, failed 2 b, retried 0 - start, claimed 1 c, processed 1 c`,
  `${START}, claimed 1 a, given_back 1 a shutdown, cancelled 1 a, queued 0, claimed 1 a, cancelled 1 a, queued 0, cleared 0`,
  `${START}, claimed 1 a, cancelled 1 a shutdown, updated 0, queued 0, cancelled 0`,
  `${START}, claimed 1 a, stage_finished 1 a one, stage_finished 1 a two, failed 1 a, retried 0 - stage two, claimed 1 a, stage_finished 1 a two`,
  `${START}, claimed 1 a, stage_finished 1 a one, stage_finished 1 a two, retry_scheduled 1 a, claimed 2 a, stage_finished 2 a one 2, stage_finished 2 a two`,
  `${START}, claimed 1 a, failed 1 a, discarded 1`,
])('a history that may be: %s', (text) => {
  expect(messages(text)).toEqual([]);
});

it.each([
  ['queued 0', 'while the job is unknown'],
  [`${START}, claimed 2 a`, 'bears attempt 2, not 1'],
  [`${START}, claimed 1 a, claimed 2 b`, 'while the job is processing'],
  [`${START}, claimed 1 a, processed 1 b`, 'but a holds the claim'],
  [`${START}, claimed 1 a, processed 1 a, processed 1 a`, 'while the job is processed'],
  [`${START}, claimed 1 a, given_back 1 a shutdown, claimed 2 b`, 'bears attempt 2, not 1'],
  [`${START}, claimed 1 a, retry_scheduled 1 a error, claimed 1 b`, 'bears attempt 1, not 2'],
  [`${START}, claimed 1 a, worker_lost 1 a, claimed 1 b`, 'bears attempt 1, not 2'],
  [`${START}, claimed 1 a, retry_scheduled 1 a error, failed 1 a`, 'while the job is queued'],
  [`${START}, cancelled 0, claimed 1 a`, 'while the job is cancelled'],
  [`${START}, claimed 1 a, cleared 0`, 'while the job is processing'],
  [`${START}, claimed 1 a, dispatched 1`, 'while the job is processing'],
  [`${START}, claimed 1 a, failed 1 a, retried 0 - last_good, claimed 2 a`, 'bears attempt 2, not 1'],
  [
    `${START}, claimed 1 a, stage_finished 1 a one, worker_lost 1 a, claimed 2 b, stage_finished 2 b one`,
    'finished before',
  ],
  [`${START}, vanished 0`, 'no event of the record'],
])('a history that may not be: %s', (text, told) => {
  expect(messages(text)).toEqual([expect.stringContaining(told)]);
});

it('checkpoints written by hand may come again', () => {
  const text = `${START}, claimed 1 a, stage_finished 1 a one, stage_finished 1 a one`;
  expect(messages(text)).toHaveLength(1);
  expect(messages(text, { stages: 'by_hand' })).toEqual([]);
});

it('a row that its history does not lead to is told, and one without any history', () => {
  const rows = [
    { job_id: 'job', status: 'processing', attempt: 2 },
    { job_id: 'other', status: 'queued', attempt: 0 },
  ];
  const found = checkHistory(history(`${START}, claimed 1 a`), { rows });
  expect(describeViolations(found, 1)).toBe(
    'job: the row says processing, attempt 2; its history says processing, attempt 1\nand 1 more',
  );
  expect(
    checkHistory(history(`${START}, claimed 1 a`), { rows: [{ job_id: 'job', status: 'processing', attempt: 1 }] }),
  ).toEqual([]);
});

it('histories of many jobs may be handed over mixed', () => {
  const a = history(`${START}, claimed 1 a, processed 1 a`, 'a');
  const b = history(`${START}, claimed 1 b, claimed 2 b`, 'b');
  const mixed = a.flatMap((event, i) => [event, b[i] ?? event]);
  expect(checkHistory(mixed)).toEqual([expect.objectContaining({ jobId: 'b', index: 3 })]);
});
