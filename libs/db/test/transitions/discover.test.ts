import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openRecord, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());
afterEach(() => record.sql('DELETE FROM jobs'));

const posting = (external_id: string, title = 'Engineer') => ({ external_id, title, company: 'Acme' });
const discover = (
  postings: Parameters<TestRecord['repo']['discover']>[0]['postings'],
  source = 's',
  autoEnqueue = false,
) => record.repo.discover({ source, postings, autoEnqueue });

it('makes each posting a job with its row and its event', async () => {
  const [answer] = await discover([posting('1')]);
  expect(answer).toMatchObject({ externalId: '1', kind: 'new' });
  const jobId = answer?.jobId ?? '';
  expect(await record.row(jobId)).toMatchObject({ status: 'discovered', attempt: 0, stage_outputs: {} });
  expect(await record.events(jobId)).toEqual([
    { event: 'discovered', attempt: 0, worker_name: null, detail: { source: 's' } },
  ]);
});

it('tells new, updated and unchanged, in the order of the asking', async () => {
  const [one, two] = await discover([posting('1'), posting('2')]);
  const answers = await discover([posting('3'), posting('2', 'Architect'), posting('1')]);
  expect(answers.map(({ externalId, kind }) => [externalId, kind])).toEqual([
    ['3', 'new'],
    ['2', 'updated'],
    ['1', 'unchanged'],
  ]);
  expect(answers[1]?.jobId).toBe(two?.jobId);
  expect(await record.told(two?.jobId ?? '')).toEqual(['discovered', 'updated']);
  expect(await record.told(one?.jobId ?? '')).toEqual(['discovered']);
  expect((await record.repo.findJob(two?.jobId ?? ''))?.row.title).toBe('Architect');
});

it.each([
  { location: 'Bern' },
  { url: 'https://jobs.example/1' },
  { description: 'text' },
  { posted_at: '2026-01-02T00:00:00Z' },
  { company: 'Other' },
])('sees a change of any field, and null apart from a value: %o', async (change) => {
  await discover([posting('1')]);
  expect((await discover([{ ...posting('1'), ...change }]))[0]?.kind).toBe('updated');
  expect((await discover([{ ...posting('1'), ...change }]))[0]?.kind).toBe('unchanged');
  expect((await discover([{ ...posting('1'), location: null }]))[0]?.kind).toBe('updated');
});

it('never touches the status of a job that is known', async () => {
  const [answer] = await discover([posting('1')]);
  const jobId = answer?.jobId ?? '';
  await record.repo.enqueue([{ jobId, call: 0 }], 0);
  const before = await record.row(jobId);
  await discover([posting('1', 'Architect')], 's', true);
  expect(await record.row(jobId)).toEqual(before);
  expect(await record.repo.autoEnqueuePage(0, 10)).toEqual([]);
});

it('one external id in two sources is two jobs', async () => {
  await discover([posting('1')], 'a');
  expect((await discover([posting('1')], 'b'))[0]?.kind).toBe('new');
});

it('an id that is repeated in a batch is one job, and the later mention updates the earlier', async () => {
  const answers = await discover([posting('1', 'first'), posting('2'), posting('1', 'second'), posting('1', 'second')]);
  expect(answers.map(({ kind }) => kind)).toEqual(['new', 'new', 'updated', 'unchanged']);
  expect(new Set(answers.map(({ jobId }) => jobId)).size).toBe(2);
  expect((await record.repo.findJob(answers[0]?.jobId ?? ''))?.row.title).toBe('second');
});

it('keeps the order of the source as the order of discovery, whatever the ids', async () => {
  const names = ['m', 'a', 'z', 'b', '10', '9'];
  const answers = await discover(names.map((name) => posting(name)));
  const page = await record.repo.discoveredPage(0, 100);
  expect(page.map((job) => job.jobId)).toEqual(answers.map((answer) => answer.jobId));
  const rest = await record.repo.discoveredPage(page[2]?.queueSeq ?? 0, 2);
  expect(rest.map((job) => job.jobId)).toEqual(answers.slice(3, 5).map((answer) => answer.jobId));
});

it('takes any characters in any field, and cleans what Postgres refuses', async () => {
  const nasty = `nul \0 lone \ud800 "quote' \\u0000 \\ 😀`;
  const [answer] = await discover(
    [{ ...posting(nasty, nasty), company: nasty, description: nasty, location: nasty }],
    nasty,
  );
  const clean = nasty.replace('\0', '\uFFFD').replace('\ud800', '\uFFFD');
  expect((await record.repo.findJob(answer?.jobId ?? ''))?.row).toMatchObject({
    source: clean,
    external_id: clean,
    title: clean,
    company: clean,
    location: clean,
  });
  expect(
    (await discover([{ ...posting(nasty, nasty), company: nasty, description: nasty, location: nasty }], nasty))[0]
      ?.kind,
  ).toBe('unchanged');
});

it('marks what is to be enqueued by itself, in the order of discovery', async () => {
  const answers = await discover([posting('b'), posting('a')], 's', true);
  await discover([posting('c')]);
  expect((await record.repo.autoEnqueuePage(0, 10)).map((job) => job.jobId)).toEqual(
    answers.map((answer) => answer.jobId),
  );
});

it('of nothing makes nothing', async () => {
  expect(await discover([])).toEqual([]);
});

it('two polls of one source at once, in opposite orders, make each job once and both learn all ids', async () => {
  const names = Array.from({ length: 200 }, (_name, n) => `job-${String(n)}`);
  const [forth, back] = await Promise.all([
    discover(names.map((name) => posting(name))),
    discover([...names].reverse().map((name) => posting(name, 'Other'))),
  ]);
  const ids = new Map(forth?.map((answer) => [answer.externalId, answer.jobId]));
  for (const answer of back ?? []) expect(answer.jobId).toBe(ids.get(answer.externalId));
  expect((await record.client.query('SELECT FROM jobs')).rowCount).toBe(200);
});
