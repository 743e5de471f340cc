import { PostgresAwayError } from '@jobhive/db';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PollFailedError, pollOnce } from '../src/poll-once.ts';
import { pollSource } from '../src/poll-source.ts';
import { SourceError } from '../src/sources/source.ts';
import { listen, pollParts, posting, sourceOf, testRecord, type Heard, type TestRecord } from './record.ts';

let record: TestRecord;
let heard: Heard;
beforeAll(async () => {
  record = await testRecord();
});
afterAll(() => record.end());
beforeEach(async () => {
  heard = listen();
  await record.client.query(
    'truncate jobs, application_tracking, job_events, source_states, rejected_postings cascade',
  );
});

const never = new AbortController().signal;
const INTERVAL_SECONDS = 300;

describe('one poll', () => {
  it('inserts what is new, updates what changed, leaves the rest, and says how many of each', async () => {
    const parts = pollParts(record, heard);
    const first = sourceOf('file:x', [posting(1), posting('b'), posting('c')]);
    await pollSource(first, parts, INTERVAL_SECONDS, never);
    const second = sourceOf('file:x', [posting(1), posting('b', { title: 'Head Baker' }), posting('d'), {}]);
    await pollSource(second, parts, INTERVAL_SECONDS, never);
    expect(parts.lines).toEqual([
      'file:x: 3 new, 0 updated, 0 unchanged, 0 rejected',
      'item 4: external_id is missing; title is missing; company is missing',
      'file:x: 1 new, 1 updated, 1 unchanged, 1 rejected',
    ]);
    const { rows } = await record.client.query(
      'select external_id, title, source, status from jobs join application_tracking on job_id = id order by discovery_seq',
    );
    expect(rows).toEqual([
      { external_id: '1', title: 'Baker', source: 'file:x', status: 'discovered' },
      { external_id: 'b', title: 'Head Baker', source: 'file:x', status: 'discovered' },
      { external_id: 'c', title: 'Baker', source: 'file:x', status: 'discovered' },
      { external_id: 'd', title: 'Baker', source: 'file:x', status: 'discovered' },
    ]);
  });

  it('makes one job of an id that stands twice', async () => {
    const parts = pollParts(record, heard);
    await pollSource(sourceOf('file:x', [posting(7), posting('7')]), parts, INTERVAL_SECONDS, never);
    expect(parts.lines).toEqual(['file:x: 1 new, 0 updated, 1 unchanged, 0 rejected']);
    expect(await record.count('select count(*) from jobs')).toBe(1);
  });

  it('writes no event where nothing changed', async () => {
    const parts = pollParts(record, heard);
    const full = {
      location: 'Gent',
      url: 'https://a.example/',
      description: '<p>\0</p>',
      posted_at: '2026-05-04T10:00+02',
    };
    const source = sourceOf('file:x', [posting(1, full)]);
    await pollSource(source, parts, INTERVAL_SECONDS, never);
    await pollSource(source, parts, INTERVAL_SECONDS, never);
    expect(parts.lines.at(-1)).toBe('file:x: 0 new, 0 updated, 1 unchanged, 0 rejected');
    expect(await record.count('select count(*) from job_events')).toBe(1);
  });

  it('takes more than one batch, in the order of the source', async () => {
    const parts = pollParts(record, heard);
    const many = Array.from({ length: 1_201 }, (_, at) => posting(at));
    await pollSource(sourceOf('file:x', many), parts, INTERVAL_SECONDS, never);
    expect(parts.lines).toEqual(['file:x: 1201 new, 0 updated, 0 unchanged, 0 rejected']);
    const { rows } = await record.client.query<{ external_id: string }>(
      'select external_id from jobs order by discovery_seq',
    );
    expect(rows.map((row) => row.external_id)).toEqual(many.map(({ external_id }) => String(external_id)));
  });

  it('records what it set aside, and its success', async () => {
    const parts = pollParts(record, heard);
    await pollSource(sourceOf('file:x', [posting(1, { url: 'x:y' }), 5]), parts, INTERVAL_SECONDS, never);
    const rejected = await record.repository.rejectedPostings(10);
    expect(rejected.map(({ place, external_id, reason }) => [place, external_id, reason]).sort()).toEqual([
      ['item 1', '1', 'url is no http(s) address'],
      ['item 2', null, 'no JSON object with external_id, title and company'],
    ]);
    const [state] = await record.repository.sourceStates();
    expect(state).toMatchObject({ source: 'file:x', failures: 0, error: null });
    expect(state?.nextPoll?.getTime()).toBe((state?.lastSuccess?.getTime() ?? 0) + INTERVAL_SECONDS * 1_000);
    expect(heard.events()).toEqual(['poll.started', 'poll.rejected', 'poll.finished']);
  });

  it('counts in the metrics', async () => {
    const parts = pollParts(record, heard);
    await pollSource(sourceOf('file:x', [posting(1), posting(2), 3]), parts, INTERVAL_SECONDS, never);
    expect((await parts.metrics.postingsTotal.get()).values.map(({ labels, value }) => [labels.kind, value])).toEqual([
      ['new', 2],
      ['rejected', 1],
    ]);
    const discovered = { labels: { status: 'discovered' }, value: 2 };
    expect((await parts.metrics.jobsTotal.get()).values).toContainEqual(discovered);
    expect((await parts.metrics.pollsTotal.get()).values).toMatchObject([
      { labels: { source: 'file:x', outcome: 'succeeded' }, value: 1 },
    ]);
  });

  it('keeps what a source told before it failed, and has the failure on record', async () => {
    const parts = pollParts(record, heard);
    const polled = await pollSource(
      sourceOf('file:x', [posting(1)], new SourceError('the disk is gone')),
      parts,
      INTERVAL_SECONDS,
      never,
    );
    expect(polled.failure?.message).toBe('the disk is gone');
    expect(await record.count('select count(*) from jobs')).toBe(1);
    expect(await record.repository.sourceStates()).toMatchObject([
      { failures: 1, error: 'the disk is gone', lastSuccess: null },
    ]);
    expect(heard.events()).toEqual(['poll.started', 'poll.failed']);
  });

  it('is failed by a mistake of ours too, whose message may quote a posting and is not told', async () => {
    const parts = pollParts(record, heard);
    const source = sourceOf('file:x', [], new TypeError('secret posting'));
    const { failure } = await pollSource(source, parts, INTERVAL_SECONDS, never);
    expect(failure?.message).toContain('TypeError');
    expect(failure?.message).not.toContain('secret');
    expect(parts.lines).toEqual([]);
  });

  it('is nobody’s failure when Postgres is away', async () => {
    const parts = pollParts(record, heard);
    const away = new PostgresAwayError(undefined, 'x');
    await expect(pollSource(sourceOf('file:x', [], away), parts, INTERVAL_SECONDS, never)).rejects.toBe(away);
    expect(await record.repository.sourceStates()).toEqual([]);
    expect((await parts.metrics.pollsTotal.get()).values).toMatchObject([{ labels: { outcome: 'interrupted' } }]);
  });

  it('sets one posting aside that Postgres refuses, and keeps those beside it', async () => {
    // Nothing that passes the schema is known to be refused; a trigger stands for what is not known.
    await record.client.query(`create function refuse() returns trigger language plpgsql as
      $$ begin if new.title = 'refused' then raise exception 'no' using errcode = '22P05'; end if; return new; end $$`);
    await record.client.query('create trigger refuse before insert on jobs for each row execute function refuse()');
    const parts = pollParts(record, heard);
    const source = sourceOf('file:x', [posting(1), posting(2, { title: 'refused' }), posting(3)]);
    await pollSource(source, parts, INTERVAL_SECONDS, never);
    await record.client.query('drop function refuse cascade');
    expect(parts.lines).toEqual([
      'item 2: Postgres refuses its data',
      'file:x: 2 new, 0 updated, 0 unchanged, 1 rejected',
    ]);
    expect(await record.repository.rejectedPostings(10)).toMatchObject([{ place: 'item 2', external_id: '2' }]);
  });

  it('ends between two batches when it is asked to, and what was inserted holds', async () => {
    const stopping = new AbortController();
    const parts = pollParts(record, heard);
    const repository = {
      ...record.repository,
      discover: async (ask: Parameters<typeof record.repository.discover>[0]) => {
        const answers = await record.repository.discover(ask);
        stopping.abort(new Error('asked to stop'));
        return answers;
      },
    };
    const source = sourceOf(
      'file:x',
      Array.from({ length: 700 }, (_, at) => posting(at)),
    );
    const poll = pollSource(source, { ...parts, repository }, INTERVAL_SECONDS, stopping.signal);
    await expect(poll).rejects.toThrow('asked to stop');
    expect(await record.count('select count(*) from jobs')).toBe(500);
  });
});

describe('all sources once', () => {
  it('polls the others though one failed, then fails with a line for each', async () => {
    const parts = pollParts(record, heard);
    const sources = [
      sourceOf('file:gone', [], new SourceError('there is no such file')),
      sourceOf('file:x', [posting(1)]),
      sourceOf('file:gone2', [posting(2)], new SourceError('cut')),
    ];
    const failure: unknown = await pollOnce(sources, parts, INTERVAL_SECONDS, never).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PollFailedError);
    expect(failure).toMatchObject({
      exitCode: 1,
      lines: ['file:gone failed: there is no such file', 'file:gone2 failed: cut'],
    });
    expect(parts.lines).toEqual([
      'file:x: 1 new, 0 updated, 0 unchanged, 0 rejected',
      'file:gone2: 1 new, 0 updated, 0 unchanged, 0 rejected',
    ]);
  });
});
