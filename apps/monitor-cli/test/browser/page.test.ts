// The pure parts of the dashboard's page; what needs a browser is in tools/scenarios/test/dashboard-page.test.ts.
import { describe, expect, it } from 'vitest';
import { retryDelayMs } from '../../src/dashboard/page/live/backoff.ts';
import { serverSentParser } from '../../src/dashboard/page/live/server-sent.ts';
import { jobLink, jobsLink, parseRoute } from '../../src/dashboard/page/route.ts';
import { extentOf, toSeries } from '../../src/dashboard/page/views/history-series.ts';

describe('an address of the page', () => {
  it.each([
    ['', 'overview'],
    ['#/', 'overview'],
    ['#/workers', 'workers'],
    ['#/jobs?status=failed', 'jobs'],
    ['#/failed', 'failed'],
    ['#/nothing', 'unknown'],
    ['#/jobs/a/b', 'unknown'],
    ['#/failed/x', 'unknown'],
  ])('%s is the view %s', (hash, view) => {
    expect(parseRoute(hash).view).toBe(view);
  });

  it('takes a job’s id and the search there and back', () => {
    expect(parseRoute(jobLink('a/b %'))).toEqual({ view: 'job', jobId: 'a/b %', query: {} });
    expect(parseRoute(jobsLink({ text: '100% & more', status: '' })).query).toEqual({ text: '100% & more' });
    expect(parseRoute('#/jobs/100%').jobId).toBe('100%');
  });
});

describe('the event stream', () => {
  const stream =
    ': hello\n\nevent: status\ndata: {"depth":1}\n\nevent: status\r\ndata: a\r\ndata: b\r\n\r\ndata: last\n\n';
  const whole = [
    { name: 'status', data: '{"depth":1}' },
    { name: 'status', data: 'a\nb' },
    { name: 'message', data: 'last' },
  ];

  it('gives the same events however it is cut into pieces', () => {
    for (let size = 1; size <= stream.length; size += 1) {
      const parser = serverSentParser();
      const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, n) =>
        stream.slice(n * size, (n + 1) * size),
      );
      expect(
        pieces.flatMap((piece) => parser.push(piece)),
        `pieces of ${String(size)}`,
      ).toEqual(whole);
    }
  });
});

describe('the next try of a lost stream', () => {
  it('waits longer each time, at most ten seconds, and never in step with others', () => {
    const delays = [1, 2, 3, 4, 5, 6, 400].map((failures) => retryDelayMs(failures, 0.999999));
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    expect(retryDelayMs(1, 0)).toBe(250);
  });
});

describe('a history as series', () => {
  const now = new Date('2026-11-24T12:00:30Z');
  const sample = (at: string, depth: number | null) => ({
    at,
    depth,
    delayed: 0,
    processing: 1,
    rate_per_minute: 2,
    failures: 0,
    retries: 0,
    execution_ms: { p50: 5, p95: null, p99: null },
  });

  it('has a place for each minute up to now, and shows a gap as a gap', () => {
    const { times, columns } = toSeries([sample('2026-11-24T11:58:00Z', 7), sample('2026-11-24T09:00:00Z', 9)], 1, now);
    expect(times.length).toBe(61);
    expect(times.at(-1)).toBe(Date.parse('2026-11-24T12:00:00Z') / 1000);
    expect(columns.depth.slice(-4)).toEqual([null, 7, null, null]);
    expect(columns.p50.filter((value) => value !== null)).toEqual([5]);
    expect(extentOf(columns.depth)).toEqual({ last: 7, most: 7 });
    expect(extentOf(columns.p95)).toEqual({ last: null, most: null });
  });
});
