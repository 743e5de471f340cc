// What `top` draws and how it takes keys, without a terminal.
import { waitFor } from '@jobhive/test-kit';
import { stripVTControlCharacters } from 'node:util';
import type { Key } from 'ink';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../src/print/display-width.ts';
import { noPaint, paintFor } from '../../src/print/style.ts';
import { searchOf } from '../../src/top/feed.ts';
import { presses, type Press } from '../../src/top/key-press.ts';
import { onPress } from '../../src/top/on-press.ts';
import { createPainter, difference } from '../../src/top/painter.ts';
import { sparkline } from '../../src/top/sparkline.ts';
import { initialState, type State } from '../../src/top/state.ts';
import { bodyLines } from '../../src/top/view/body-lines.ts';
import { headLine, keys, tabsLine, talkLine } from '../../src/top/view/frame-lines.ts';

const NO_KEY = { ctrl: false, meta: false } as unknown as Key; // of Ink's many flags those that hold
const letters = (text: string): readonly Press[] => presses(text, NO_KEY);
const after = (state: State, ...pressed: readonly Press[]): State =>
  pressed.reduce((now, press) => onPress(now, press).state, state);

const START = initialState({ columns: 80, rows: 24 });
const ROW = {
  source: 'file:x',
  external_id: '1',
  company: '日本の会社 with a long name that goes on',
  location: null,
  url: null,
  status: 'queued' as const,
  attempt: 0,
  discovered_at: '2026-03-01T12:00:00Z',
  queued_at: null,
  started_at: null,
  finished_at: null,
};
const JOBS = Array.from({ length: 50 }, (_, at) => ({
  ...ROW,
  job_id: `${String(at).padStart(8, '0')}-5a3e-4d0c-9a52-3f2f6f0d8a11`,
  title: `Title ${String(at)} \u001b[2J`,
}));
const STATUS = {
  queue: 'q',
  depth: 5,
  delayed: 0,
  processing: 0,
  failed: 0,
  paused: false,
  workers: { active: 0, list: [] },
  rate_per_minute: 0,
  execution_ms: { p50: null, p95: null, p99: null, count: 0 },
  oldest_waiting_seconds: null,
  counts: { discovered: 0, queued: 5, processing: 0, processed: 0, failed: 0, cancelled: 0 },
  redis: { ok: true, latency_ms: 1 },
  postgres: { ok: true, latency_ms: 1 },
};
const WITH_JOBS: State = { ...START, tab: 'jobs', seen: { ...START.seen, status: STATUS, jobs: JOBS } };
const look = (columns: number, rows: number) => ({
  columns,
  rows,
  paint: noPaint,
  now: new Date('2026-03-01T13:00:00Z'),
});

describe('the screen', () => {
  it.each([
    [80, 24],
    [40, 12],
    [200, 50],
  ])('fits %i columns and %i rows, whatever strangers wrote', (columns, rows) => {
    const state = after({ ...WITH_JOBS, size: { columns, rows } }, ...letters('jjj'));
    const body = bodyLines(state, look(columns, rows - 5));
    const frame = [headLine(state, noPaint), tabsLine(state, noPaint), talkLine(state, noPaint), keys(state, noPaint)];
    for (const line of [...body, ...frame]) expect(displayWidth(line), line).toBeLessThanOrEqual(columns);
    expect(body.length).toBeLessThanOrEqual(rows - 5);
    expect(body.join('')).not.toContain('\u001b');
    expect(body.filter((line) => line.startsWith('›'))).toEqual([expect.stringContaining('00000003')]);
  });

  it('keeps the mark on its row when another comes before it', () => {
    const marked = after(WITH_JOBS, ...letters('jj'));
    const [first] = JOBS;
    const more = first === undefined ? JOBS : [{ ...first, job_id: 'new' }, ...JOBS];
    const body = bodyLines({ ...marked, seen: { ...marked.seen, jobs: more } }, look(80, 19));
    expect(body.find((line) => line.startsWith('›'))).toContain('00000002');
  });

  // What had gone wrong: the mark ended ten columns before the others', since the codes of a colour were counted.
  it('reverses the marked row up to the last column, whatever colours stand in it', () => {
    const colours = { ...look(80, 19), paint: paintFor(true, {}) };
    for (const status of ['queued', 'failed', 'processed', 'processing'] as const) {
      const jobs = JOBS.slice(0, 1).map((job) => ({ ...job, status }));
      const line = bodyLines({ ...WITH_JOBS, seen: { ...WITH_JOBS.seen, jobs } }, colours)[1] ?? '';
      expect(line.startsWith('› \u001b[7m') && line.endsWith(' \u001b[27m'), line).toBe(true);
      expect(displayWidth(stripVTControlCharacters(line)), status).toBe(80);
    }
  });

  it('of a waiting job tells when it is expected to start, as `why` does', () => {
    const [job] = JOBS;
    if (job === undefined) throw new Error('there are no jobs');
    const start = { at: '2026-03-01T13:00:09Z', reasoning: '7 jobs before it, 0 of 4 slots free, 2.0 s a job.' };
    const explanation = { cause: 'All 2 workers are busy.', waits: [], expected_start: start };
    const detail = { job, errorInfo: null, explanation, timeline: [] };
    const open: State = { ...WITH_JOBS, open: { jobId: job.job_id, line: 0 }, seen: { ...WITH_JOBS.seen, detail } };
    expect(bodyLines(open, look(80, 19)).slice(3, 6)).toEqual([
      'All 2 workers are busy.',
      'Expected start: 13:00:09. 7 jobs before it, 0 of 4 slots free, 2.0 s a job.',
      '',
    ]);
  });

  it('draws bars from zero to the highest', () => {
    expect(sparkline([0, 1, 50, 100], 6)).toBe('  ▁▂▅█');
    expect(sparkline([], 3)).toBe('   ');
  });
});

describe('keys', () => {
  it('are asked about before anything is changed, and only y does it', () => {
    const [retry = { text: 'r' }] = letters('r');
    const asked = after(WITH_JOBS, retry);
    expect(asked.question).toEqual({ kind: 'retry', jobId: JOBS[0]?.job_id });
    for (const no of [{ text: 'n' }, { named: 'enter' }, { named: 'escape' }, { named: 'tab' }] as const)
      expect(onPress(asked, no)).toEqual({ state: { ...asked, question: undefined } });
    expect(onPress(asked, { text: 'y' }).effect).toEqual({ kind: 'act', act: asked.question });
  });

  it('of a filter are characters, not commands', () => {
    const typing = after(WITH_JOBS, ...letters('/qrc'));
    expect([typing.typing, typing.question]).toEqual(['qrc', undefined]);
    const done = after(typing, { named: 'rubout' }, { named: 'enter' });
    expect([done.filters.jobs, done.typing]).toEqual(['qr', undefined]);
    expect(after(done, { named: 'escape' }).filters.jobs).toBe('');
  });

  it('that come in one piece are one press each, Escape before one too; sequences without a name are none', () => {
    expect(letters('/a\r')).toEqual([{ text: '/' }, { text: 'a' }, { named: 'enter' }]);
    expect(presses('4', { ...NO_KEY, meta: true })).toEqual([{ named: 'escape' }, { text: '4' }]);
    expect(letters('[15~')).toEqual([]);
  });

  it('quit from everywhere with Ctrl-C', () => {
    for (const state of [WITH_JOBS, after(WITH_JOBS, ...letters('/a')), after(WITH_JOBS, ...letters('r'))])
      expect(onPress(state, { named: 'interrupt' }).effect).toEqual({ kind: 'quit' });
  });

  it('of the filter of jobs make a search', () => {
    expect(searchOf('status:failed  rust source:file:x berlin')).toMatchObject({
      status: 'failed',
      source: 'file:x',
      text: 'rust berlin',
    });
  });
});

describe('the painter', () => {
  it('writes what changed, and nothing where nothing did', () => {
    expect(difference(['a', 'b'], ['a', 'b'])).toBe('');
    expect(difference(['a', 'b'], ['a', 'c'])).toBe('\u001b[2;1Hc\u001b[0m\u001b[K');
    expect(difference(undefined, ['a'])).toMatch(/^\u001b\[2J/); // eslint-disable-line no-control-regex -- looked for
  });

  it('paints at most four times a second, the newest frame last', async () => {
    const written: { text: string; ms: number }[] = [];
    const clock = { monotonicMs: () => performance.now() };
    const painter = createPainter((text) => void written.push({ text, ms: performance.now() }), clock);
    for (let at = 0; at < 10; at += 1) painter.show([`frame ${String(at)}`]);
    await waitFor('the newest frame', () => written.some(({ text }) => text.includes('frame 9')));
    painter.show(['frame 9']);
    painter.stop();
    expect(written).toHaveLength(2);
    expect((written[1]?.ms ?? 0) - (written[0]?.ms ?? 0)).toBeGreaterThanOrEqual(249);
  });
});
