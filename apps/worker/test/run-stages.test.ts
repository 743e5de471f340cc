import { readdirSync } from 'node:fs';
import { silentLogger, type Logger } from '@jobhive/config';
import { StaleClaimError, type StageRecord } from '@jobhive/db';
import { describe, expect, it, vi } from 'vitest';
import { createPlace, type Place } from '../src/documents/place.ts';
import { writeUnfinished } from '../src/documents/write-unfinished.ts';
import type { StageInfo } from '../src/pipeline/stage.ts';
import { runStages, type RunStagesOptions } from '../src/run-stages.ts';
import { StageFailure } from '../src/threads/stage-failure.ts';
import type { StageResult, StageTask } from '../src/threads/stage-task.ts';
import { temporaryFolder } from './pipeline-file.ts';
import { JOB_ID, posting } from './postings.ts';

const stages: readonly StageInfo[] = [
  { name: 'a', version: 1, timeoutSeconds: undefined },
  { name: 'b', version: 2, timeoutSeconds: 3 },
];
const checkpointed = (name: string, members: object = {}) => ({
  [name]: { output: `out of ${name}`, attempt: 1, version: 1, duration_ms: 1, at: '', ...members },
});

/** A pool that writes what `files` says for each stage, and what happened, in order. */
function setting(files: Record<string, string[]> = {}, options: Partial<RunStagesOptions> = {}) {
  const outputDir = temporaryFolder();
  const history: string[] = [];
  const tasks: StageTask[] = [];
  const real = createPlace(outputDir);
  const place: Place = {
    finishRenames: (jobId, token, names) => {
      history.push(`rename ${token} ${names.join(',')}`);
      return real.finishRenames(jobId, token, names);
    },
    discard: (jobId, token) => {
      history.push(`discard ${token}`);
      return real.discard(jobId, token);
    },
  };
  const run = (task: StageTask): Promise<StageResult> => {
    history.push(`run ${task.stage}`);
    tasks.push(task);
    const names = files[task.stage] ?? [];
    for (const name of names) writeUnfinished({ outputDir, jobId: task.job.id, token: task.token, name, data: name });
    return Promise.resolve({ outputJson: `"out of ${task.stage}"`, files: names, durationMs: 1.5 });
  };
  const all: RunStagesOptions = {
    claim: { jobId: JOB_ID, token: 'T2', attempt: 2, askedAtMs: 7, job: posting(), stageOutputs: {} },
    stages,
    pool: { run },
    checkpoint: (record: StageRecord) => {
      history.push(`checkpoint ${record.stage}`);
      return Promise.resolve('done');
    },
    place,
    signal: new AbortController().signal,
    deadlineMs: 10_000,
    onStage: () => undefined,
    onProgress: () => undefined,
    log: silentLogger,
    clock: { now: () => new Date(), monotonicMs: () => 1_000 },
    ...options,
  };
  return { options: all, outputDir, history, tasks };
}

describe('runStages', () => {
  it('checkpoints each stage but the last, whose record it hands back', async () => {
    const { options, history, tasks } = setting();
    expect(await runStages(options)).toEqual({
      last: { stage: 'b', outputJson: '"out of b"', attempt: 2, version: 2, durationMs: 1.5, files: [], outdates: [] },
    });
    expect(history).toEqual(['run a', 'checkpoint a', 'rename T2 ', 'run b']);
    expect(tasks).toMatchObject([
      { outputs: {}, attempt: 2, token: 'T2', timeoutMs: 9_000, removesBeforeMs: 7 },
      { outputs: { a: 'out of a' }, timeoutMs: 3_000, removesBeforeMs: undefined },
    ]);
  });

  it('renames documents only after their checkpoint, and checkpoints a last stage that wrote some', async () => {
    const { options, history, outputDir } = setting({ a: ['a.md'], b: ['b.md'] });
    expect(await runStages(options)).toEqual({ last: undefined });
    expect(history).toEqual(['run a', 'checkpoint a', 'rename T2 a.md', 'run b', 'checkpoint b', 'rename T2 b.md']);
    expect(readdirSync(outputDir).sort()).toEqual([`${JOB_ID}-a.md`, `${JOB_ID}-b.md`]);
  });

  it('goes on after the last checkpoint, and first finishes the renames that checkpoints name', async () => {
    const { options, history, tasks, outputDir } = setting();
    writeUnfinished({ outputDir, jobId: JOB_ID, token: 'T1', name: 'a.md', data: 'x' });
    const stageOutputs = { ...checkpointed('a', { files: ['a.md'], token: 'T1' }), ...checkpointed('z') };
    await runStages({ ...options, claim: { ...options.claim, stageOutputs } });
    expect(history).toEqual(['rename T1 a.md', 'run b']);
    expect(readdirSync(outputDir)).toEqual([`${JOB_ID}-a.md`]);
    expect(tasks[0]).toMatchObject({ outputs: { a: 'out of a' }, removesBeforeMs: 7 });
  });

  it('runs nothing where all stages are on record', async () => {
    const { options, history } = setting();
    const stageOutputs = { ...checkpointed('a'), ...checkpointed('b', { version: 2 }) };
    expect(await runStages({ ...options, claim: { ...options.claim, stageOutputs } })).toEqual({ last: undefined });
    expect(history).toEqual([]);
  });

  it('starts again from a stage whose version changed, and its checkpoint takes what was made of its former output', async () => {
    const records: StageRecord[] = [];
    const checkpoint = (record: StageRecord): Promise<'done'> => {
      records.push(record);
      return Promise.resolve('done');
    };
    const { options, tasks } = setting({}, { checkpoint });
    const stageOutputs = { ...checkpointed('a', { version: 0 }), ...checkpointed('b', { version: 2 }) };
    await runStages({ ...options, claim: { ...options.claim, stageOutputs } });
    expect(tasks.map(({ stage }) => stage)).toEqual(['a', 'b']);
    expect(records).toMatchObject([{ stage: 'a', outdates: ['b'] }]);
  });

  it('stops at a stale claim: nothing is renamed, nothing is left', async () => {
    const { options, history, outputDir } = setting({ a: ['a.md'] }, { checkpoint: () => Promise.resolve('stale') });
    await expect(runStages(options)).rejects.toThrow(StaleClaimError);
    expect(history).toEqual(['run a', 'discard T2']);
    expect(readdirSync(outputDir)).toEqual([]);
  });

  it('hands on what a stage fails with, and removes what it had written', async () => {
    const failure = new StageFailure({ name: 'Error', message: 'x', reason: 'error' });
    const { options, history } = setting({}, { pool: { run: () => Promise.reject(failure) } });
    await expect(runStages(options)).rejects.toBe(failure);
    expect(history).toEqual(['discard T2']);
  });

  it('does not hide a failure behind another: that files could not be removed is only logged', async () => {
    const failure = new StageFailure({ name: 'Error', message: 'x', reason: 'error' });
    const { options } = setting({}, { pool: { run: () => Promise.reject(failure) } });
    const warn = vi.fn<Logger['warn']>();
    const place = { ...options.place, discard: () => Promise.reject(new Error('disk')) };
    await expect(runStages({ ...options, place, log: { ...silentLogger, warn } })).rejects.toBe(failure);
    expect(warn).toHaveBeenCalledOnce();
  });

  it('begins no stage after the signal, or after the time of the attempt', async () => {
    const { options, history } = setting();
    await expect(runStages({ ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({ aborted: true });
    await expect(runStages({ ...options, deadlineMs: 1_000 })).rejects.toMatchObject({ reason: 'timeout' });
    expect(history).toEqual([]);
  });

  it('does not charge the attempt for what a checkpoint waits for Postgres', async () => {
    let nowMs = 1_000;
    const { options, tasks } = setting(
      {},
      {
        deadlineMs: 2_000,
        clock: { now: () => new Date(), monotonicMs: () => nowMs },
        checkpoint: () => {
          nowMs += 60_000;
          return Promise.resolve('done');
        },
      },
    );
    await runStages(options);
    expect(tasks.map(({ timeoutMs }) => timeoutMs)).toEqual([1_000, 1_000]);
  });

  it('says no_space where the documents find no room, and else what went wrong', async () => {
    const { options } = setting({ a: ['a.md'] });
    const refusing = (error: Error): Place => ({ ...options.place, finishRenames: () => Promise.reject(error) });
    const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
    await expect(runStages({ ...options, place: refusing(full) })).rejects.toMatchObject({ code: 'no_space' });
    await expect(runStages({ ...options, place: refusing(new Error('x')) })).rejects.toMatchObject({
      code: undefined,
      message: 'x',
    });
  });

  it('tells of stages, progress and log lines', async () => {
    const onStage = vi.fn<RunStagesOptions['onStage']>();
    const onProgress = vi.fn<RunStagesOptions['onProgress']>();
    const info = vi.fn<Logger['info']>();
    const { options } = setting({}, { onStage, onProgress, log: { ...silentLogger, info } });
    const run = (task: StageTask): Promise<StageResult> => {
      task.onProgress(0.5, 'half');
      task.onLog('info', 'hello', { n: 1, stage: 'not mine' });
      return options.pool.run(task);
    };
    await runStages({ ...options, pool: { run } });
    expect(onStage.mock.calls).toEqual([['a'], ['b']]);
    expect(onProgress).toHaveBeenCalledWith('b', 0.5, 'half');
    expect(info).toHaveBeenCalledWith('hello', { n: 1, stage: 'a' });
  });
});
