import { expect, test } from 'vitest';
import { judge } from '../src/judge.ts';
import { recoveries } from '../src/recovery.ts';
import { asMarkdown, asText, makeReport } from '../src/report.ts';
import { FINE, soundEvidence } from './sound-evidence.ts';

test('a row for each kind that was injected, and one for all', () => {
  const evidence = soundEvidence();
  const rows = makeReport(evidence, judge(evidence));
  expect(rows.map(({ fault }) => fault)).toEqual(['SIGKILL of a worker', 'all']);
  expect(rows[0]).toMatchObject({
    injected: 1,
    in_flight: 1,
    lost: 0,
    doubled: 0,
    attempts_wrongly_spent: 0,
    inversions: 0,
  });
});

test('what is broken soon after a fault stands in its row; what has no time only in the last', () => {
  const evidence = soundEvidence();
  evidence.absences = [];
  evidence.redis = { ...evidence.redis, waiting: [FINE] };
  const [kill, all] = makeReport(evidence, judge(evidence));
  expect(kill).toMatchObject({ attempts_wrongly_spent: 1, lost: 0 });
  expect(all).toMatchObject({ attempts_wrongly_spent: 1, lost: 1 });
});

test('the text is a table of columns of one width, the Markdown one of as many cells in each row', () => {
  const evidence = soundEvidence();
  const rows = makeReport(evidence, judge(evidence));
  expect(asText(rows).split('\n')).toHaveLength(3);
  const lines = asMarkdown(rows, 'seed 1')
    .split('\n')
    .filter((line) => line.startsWith('|'));
  expect(new Set(lines.map((line) => line.split('|').length)).size).toBe(1);
});

/** Stages that finish at an even rate. */
const steady = (from: number, to: number, everyMs = 100) =>
  Array.from({ length: (to - from) / everyMs }, (_, n) => ({
    jobId: FINE,
    atMs: from + n * everyMs,
    event: 'stage_finished',
    attempt: 1,
    worker: 'w0',
    stage: 'fetch',
    reason: undefined,
  }));

test('the time to 95 % of the earlier rate is measured from the end of the fault', () => {
  const evidence = soundEvidence();
  evidence.events = [...steady(0, 10_000), ...steady(13_000, 20_000)];
  const fault = { kind: 'redis-kill', lane: 'redis', inFlight: 1, waiting: 1 };
  evidence.faults = [
    { ...fault, fromMs: 10_000, toMs: 11_000 },
    { ...fault, fromMs: 100, toMs: 200 },
  ];
  const [first, second] = recoveries(evidence);
  expect(first).toBeGreaterThanOrEqual(1800);
  expect(first).toBeLessThanOrEqual(2200);
  expect(second).toBeUndefined(); // there was no rate before it
});

test('a rate that is not back within a minute counts as a minute, and is told; one that the end of the load hides is unknown', () => {
  const evidence = soundEvidence();
  evidence.events = [...steady(0, 10_000, 100), ...steady(10_000, 90_000, 1000)];
  const fault = { kind: 'redis-kill', lane: 'redis', inFlight: 1, waiting: 1 };
  evidence.faults = [{ ...fault, fromMs: 10_000, toMs: 10_100 }];
  expect(recoveries(evidence)).toEqual([60_000]);
  const rows = makeReport(evidence, {
    violations: [],
    spent: { byWork: 0, byLostWorkers: 0, documented: 0 },
    passed: [],
    statuses: {},
  });
  expect(rows.at(-1)).toMatchObject({
    recovery_median_seconds: 60,
    not_back_within_60_seconds: 1,
    recovery_unknown: 0,
  });
  expect(asText(rows)).toContain('≥ 60.0 s');
  evidence.events = evidence.events.filter(({ atMs }) => atMs < 50_000);
  expect(recoveries(evidence)).toEqual([undefined]);
});
