import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobSearch } from '../../src/reads/search-jobs.ts';
import { openRecord, type TestRecord } from '../test-record.ts';

const TITLES = [
  'Senior Engineer',
  '100% remote',
  '99 remote',
  'snake_case lover',
  'snakeXcase lover',
  'C:\\path',
  'Bäckerei Über',
  'Straße 東京 😀',
];

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
  const postings = TITLES.map((title, n) => ({
    external_id: String(n),
    title,
    company: n % 2 ? 'Odd AG' : 'Even GmbH',
  }));
  await record.repo.discover({ source: 'one', postings, autoEnqueue: false });
  await record.repo.discover({
    source: 'two',
    postings: [{ external_id: '0', title: 'Cook', company: 'Kitchen' }],
    autoEnqueue: false,
  });
});
afterAll(() => record.close());

const found = async (search: Partial<JobSearch>): Promise<string[]> =>
  (await record.repo.searchJobs({ limit: 50, ...search })).jobs.map((job) => job.title);

it('shows a job as the contract does, newest discovery first', async () => {
  expect(await found({})).toEqual(['Cook', ...[...TITLES].reverse()]);
  const { jobs } = await record.repo.searchJobs({ limit: 1 });
  expect(jobs[0]?.job_id).toMatch(/^[0-9a-f-]{36}$/);
  expect(jobs[0]?.discovered_at).toMatch(/Z$/);
  expect(jobs).toEqual([
    {
      job_id: jobs[0]?.job_id,
      source: 'two',
      external_id: '0',
      title: 'Cook',
      company: 'Kitchen',
      location: null,
      url: null,
      status: 'discovered',
      attempt: 0,
      discovered_at: jobs[0]?.discovered_at,
      queued_at: null,
      started_at: null,
      finished_at: null,
    },
  ]);
});

describe('the text', () => {
  it.each([
    ['senior', ['Senior Engineer']],
    ['ENGINEER even', ['Senior Engineer']],
    ['engineer odd', []],
    ['100%', ['100% remote']],
    ['%', ['100% remote']],
    ['snake_case', ['snake_case lover']],
    ['_', ['snake_case lover']],
    ['c:\\path', ['C:\\path']],
    ['\\', ['C:\\path']],
    ['bäckerei', ['Bäckerei Über']],
    ['BÄCKEREI über', ['Bäckerei Über']],
    ['ck', ['Bäckerei Über']],
    ['東京', ['Straße 東京 😀']],
    ['😀', ['Straße 東京 😀']],
    ["' OR 1=1 --", []],
    ['\0', []],
    ['  senior \t engineer\n', ['Senior Engineer']],
    ['   ', ['Cook', ...[...TITLES].reverse()]],
  ])('%j is taken word by word, each character for itself', async (text, titles) => {
    expect(await found({ text })).toEqual(titles);
  });
});

it('looks by source, status and time, together', async () => {
  expect(await found({ source: 'two' })).toEqual(['Cook']);
  expect(await found({ source: 'two', status: 'queued' })).toEqual([]);
  expect(await found({ status: 'discovered', text: 'remote' })).toEqual(['99 remote', '100% remote']);
  expect(await found({ since: new Date(Date.now() + 60_000) })).toEqual([]);
  expect(await found({ since: new Date(0), source: 'two' })).toEqual(['Cook']);
});

it('goes page by page, each job once, and says where the end is', async () => {
  const seen: string[] = [];
  let next: number | null | undefined;
  do {
    const page = await record.repo.searchJobs({ limit: 4, beforeSeq: next ?? undefined });
    seen.push(...page.jobs.map((job) => job.title));
    next = page.nextSeq;
  } while (next !== null);
  expect(seen).toEqual(['Cook', ...[...TITLES].reverse()]);
});

it('finds by the index what stands before the newest thousands, as it finds the newest', async () => {
  const old = await record.repo.discover({
    source: 'old',
    postings: ['Ümläut (C++) Q%', 'Ordinary'].map((title) => ({
      external_id: title,
      title,
      company: 'Früher & Söhne',
    })),
    autoEnqueue: false,
  });
  const many = Array.from({ length: 6200 }, (_, n) => ({
    external_id: `m${String(n)}`,
    title: 'Later',
    company: 'Now',
  }));
  await record.repo.discover({ source: 'many', postings: many, autoEnqueue: false });
  for (const text of ['ÜMLÄUT', 'c++', '(C++)', 'q%', 'ÜML früh', '&', 'söhne q%', 'mlä']) {
    expect.soft(await found({ text }), text).toContain('Ümläut (C++) Q%');
    expect.soft(await found({ text, status: 'discovered', source: 'old' }), text).toContain('Ümläut (C++) Q%');
  }
  expect(await found({ text: 'ÜMLÄUT', status: 'failed' })).toEqual([]);
  expect(await found({ text: 'c+++' })).toEqual([]);
  expect(await found({ text: 'später' })).toEqual([]);
  expect(await found({ text: 'ordinary söhne' })).toEqual(['Ordinary']);
  expect(old).toHaveLength(2);
  expect(await found({ text: 'later', limit: 3 })).toEqual(['Later', 'Later', 'Later']);
});
