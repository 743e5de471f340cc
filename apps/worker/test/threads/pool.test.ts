import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger, type Logger } from '@jobhive/config';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createStagePool, type StagePool, type StagePoolOptions } from '../../src/threads/pool.ts';
import { StageFailure } from '../../src/threads/stage-failure.ts';
import type { StageTask } from '../../src/threads/stage-task.ts';
import { pipelineFile, temporaryFolder } from '../pipeline-file.ts';
import { JOB_ID, posting } from '../postings.ts';

const pools: StagePool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.stop()));
});

function poolOf(stages: string, options: Partial<StagePoolOptions> = {}) {
  const pool = createStagePool({
    pipelineModule: pipelineFile(stages),
    outputDir: temporaryFolder(),
    maxThreads: 1,
    abortGraceMs: 200,
    log: silentLogger,
    ...options,
  });
  pools.push(pool);
  return pool;
}

function task(stage: string, members: Partial<StageTask> = {}): StageTask {
  return {
    stage,
    job: posting(),
    outputs: {},
    attempt: 1,
    token: 'T1',
    removesBeforeMs: 0,
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onLog: () => undefined,
    ...members,
  };
}

const failureOf = async (running: Promise<unknown>): Promise<StageFailure> => {
  const thrown: unknown = await running.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof StageFailure)) throw new Error(`expected a StageFailure, got ${String(thrown)}`);
  return thrown;
};

const BASICS = `[
  { name: 'echo', run: ({ job, outputs, attempt, effectKey }) => ({ job, outputs, attempt, effectKey }) },
  { name: 'pid', run: () => process.pid },
  { name: 'thread', run: async () => (await import('node:worker_threads')).threadId },
  { name: 'throw', run: () => { throw new RangeError('too far'); } },
  { name: 'permanent', run: () => { throw Object.assign(new Error('no'), { name: 'PermanentError' }); } },
  { name: 'after', run: () => { throw { name: 'RetryAfterError', message: 'busy', seconds: 2.5 }; } },
  { name: 'undefined', run: () => { throw undefined; } },
  { name: 'bigint', run: () => 1n },
  { name: 'wait', run: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))) },
  { name: 'return-late', run: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve('late'))) },
  { name: 'deaf', run: () => new Promise(() => setInterval(() => 0, 1000)) },
  { name: 'spin', run: ({ progress }) => { progress(0.5, 'spinning'); for (;;); } },
  { name: 'exit', run: () => process.exit(7) },
  { name: 'hungry', run: () => { const all = []; for (;;) all.push(new Array(1000).fill(Math.random())); } },
  { name: 'leave', run: ({ log }) => { setTimeout(() => { log.info('too late'); throw new Error('left over'); }, 30); Promise.reject(new Error('left, too')); } },
  { name: 'leave-exit', run: () => { setTimeout(() => process.exit(1), 30); } },
  { name: 'pause', run: () => new Promise((resolve) => setTimeout(resolve, 150)) },
  { name: 'stray', run: () => { setTimeout(() => { throw new Error('stray'); }); return new Promise(() => setInterval(() => 0, 1000)); } },
  { name: 'speak', run: ({ log, progress }) => { progress(0.25, 'a quarter'); for (let i = 0; i < 50; i++) log.info('line', { i }); } },
  { name: 'write', run: ({ files }) => files.write('a.txt', 'hello') },
]`;

describe('the pool', () => {
  it('runs a stage in a thread of this process, on copies', async () => {
    const pool = poolOf(BASICS);
    const echoed = await pool.run(task('echo', { outputs: { before: [1] }, attempt: 3 }));
    expect(JSON.parse(echoed.outputJson)).toEqual({
      job: posting(),
      outputs: { before: [1] },
      attempt: 3,
      effectKey: `${JOB_ID}:echo`,
    });
    expect((await pool.run(task('pid'))).outputJson).toBe(String(process.pid));
    expect(Number((await pool.run(task('thread'))).outputJson)).toBeGreaterThan(0);
  });

  it.each([
    [
      'throw',
      {
        name: 'RangeError',
        message: 'too far',
        reason: 'error',
        permanent: false,
        aborted: false,
        retryAfterSeconds: undefined,
      },
    ],
    ['permanent', { name: 'PermanentError', permanent: true }],
    ['after', { name: 'RetryAfterError', message: 'busy', permanent: false, retryAfterSeconds: 2.5 }],
    ['undefined', { name: 'Error', message: 'the stage threw undefined' }],
    ['bigint', { name: 'PermanentError', permanent: true, reason: 'error' }],
    ['missing', { message: expect.stringContaining('no stage "missing"') as string }],
  ])('tells of a stage that fails: %s', async (stage, facts) => {
    expect(await failureOf(poolOf(BASICS).run(task(stage)))).toMatchObject(facts);
  });

  it('keeps the stack of what was thrown', async () => {
    expect((await failureOf(poolOf(BASICS).run(task('throw')))).stack).toContain('pipeline.mjs');
  });

  it('takes exit, exhausted memory and a stray error as the end of that stage only', async () => {
    const pool = poolOf(BASICS, { memoryLimitMb: 40 });
    expect(await failureOf(pool.run(task('exit')))).toMatchObject({
      reason: 'exit',
      message: expect.stringContaining('7') as string,
    });
    expect(await failureOf(pool.run(task('hungry')))).toMatchObject({ reason: 'memory' });
    expect(await failureOf(pool.run(task('stray')))).toMatchObject({ reason: 'error', message: 'stray' });
    expect((await pool.run(task('pid'))).outputJson).toBe(String(process.pid));
  });

  it('does not blame the next stage for what an earlier one left running', async () => {
    const event = vi.fn<Logger['event']>();
    const onLog = vi.fn<StageTask['onLog']>();
    const pool = poolOf(BASICS, { log: { ...silentLogger, event } });
    await pool.run(task('leave', { onLog }));
    await pool.run(task('pause', { onLog }));
    await pool.run(task('leave-exit'));
    await pool.run(task('pause'));
    await vi.waitFor(() => {
      expect(event).toHaveBeenCalledTimes(3);
    });
    expect(event).toHaveBeenCalledWith('worker.stage_left_error', {
      job_id: JOB_ID,
      stage: 'leave',
      error_name: 'Error',
    });
    expect(onLog).not.toHaveBeenCalled();
  });

  it('hands on all that a stage said, before its result, also where the main thread was busy meanwhile', async () => {
    const pool = poolOf(BASICS);
    await pool.run(task('pid'));
    const lines: unknown[] = [];
    const onProgress = vi.fn<StageTask['onProgress']>();
    const onLog: StageTask['onLog'] = (level, message, fields) => lines.push([level, message, fields]);
    const running = pool.run(task('speak', { onProgress, onLog }));
    // So that what was said and the answer lie there at the same time, on two ports.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    await running;
    expect(onProgress).toHaveBeenCalledWith(0.25, 'a quarter');
    expect(lines).toHaveLength(50);
    expect(lines[49]).toEqual(['info', 'line', { i: 49 }]);
  });

  it('writes documents under the token', async () => {
    const outputDir = temporaryFolder();
    const pool = poolOf(BASICS, { outputDir });
    expect(await pool.run(task('write'))).toMatchObject({
      outputJson: JSON.stringify(join(outputDir, `${JOB_ID}-a.txt`)),
      files: ['a.txt'],
    });
    expect(readdirSync(join(outputDir, `.${JOB_ID}`))).toEqual(['a.txt.T1']);
  });
});

describe('the end of a stage', () => {
  it('is a timeout when it takes too long, told by its signal first', async () => {
    const failure = await failureOf(poolOf(BASICS).run(task('wait', { timeoutMs: 100 })));
    expect(failure).toMatchObject({
      name: 'TimeoutError',
      reason: 'timeout',
      aborted: false,
      message: 'stage "wait" took longer than 0.1 s',
    });
  });

  it.each(['deaf', 'spin', 'return-late'])('is a timeout also for one that does not listen: %s', async (stage) => {
    const pool = poolOf(BASICS);
    expect(await failureOf(pool.run(task(stage, { timeoutMs: 100 })))).toMatchObject({ reason: 'timeout' });
    expect((await pool.run(task('pid'))).outputJson).toBe(String(process.pid));
  });

  it.each(['wait', 'deaf', 'spin'])('comes by the signal of the task: %s', async (stage) => {
    const pool = poolOf(BASICS);
    await pool.run(task('pid'));
    const controller = new AbortController();
    const running = failureOf(pool.run(task(stage, { signal: controller.signal })));
    setImmediate(() => {
      controller.abort(new Error('cancelled'));
    });
    expect(await running).toMatchObject({ name: 'AbortError', reason: 'error', aborted: true });
  });

  it('keeps the thread of a stage that listened, and replaces the one that did not', async () => {
    const pool = poolOf(BASICS);
    const { outputJson: first } = await pool.run(task('thread'));
    await failureOf(pool.run(task('wait', { timeoutMs: 50 })));
    expect((await pool.run(task('thread'))).outputJson).toBe(first);
    await failureOf(pool.run(task('spin', { timeoutMs: 50 })));
    expect((await pool.run(task('thread'))).outputJson).not.toBe(first);
  });

  it('comes at once for a task whose signal is aborted already, and for one that still waits', async () => {
    const pool = poolOf(BASICS);
    expect(await failureOf(pool.run(task('pid', { signal: AbortSignal.abort() })))).toMatchObject({ aborted: true });
    await pool.run(task('pid'));
    const first = failureOf(pool.run(task('deaf', { timeoutMs: 1_000 })));
    const controller = new AbortController();
    const second = failureOf(pool.run(task('pid', { signal: controller.signal })));
    controller.abort();
    expect(await second).toMatchObject({ aborted: true });
    expect(await first).toMatchObject({ reason: 'timeout' });
  });
});

describe('the threads', () => {
  it('are as many as there are long stages, up to the bound, one stage each', async () => {
    const pool = poolOf(BASICS, { maxThreads: 3 });
    const ids = async (): Promise<string> => {
      await pool.run(task('pause'));
      return (await pool.run(task('thread'))).outputJson;
    };
    const seen = new Set<string>();
    await vi.waitFor(async () => {
      for (const id of await Promise.all(Array.from({ length: 6 }, ids))) seen.add(id);
      expect(seen.size).toBe(3);
    }, 20_000);
  });

  it('go again when they are idle for long, but for one', async () => {
    const pool = poolOf(BASICS, { maxThreads: 2, idleMs: 300 });
    await Promise.all([pool.run(task('pause')), pool.run(task('pause')), pool.run(task('pause'))]);
    const threads = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
    const before = threads();
    await vi.waitFor(() => {
      expect(threads()).toBeLessThanOrEqual(before);
    }, 5_000);
    expect((await pool.run(task('pid'))).outputJson).toBe(String(process.pid));
  });

  it('that cannot be started fail the stage that waits, and do not keep it waiting', async () => {
    const event = vi.fn<Logger['event']>();
    const pool = poolOf(`[]`, { log: { ...silentLogger, event } });
    expect(await failureOf(pool.run(task('a')))).toMatchObject({ name: 'PipelineShapeError', code: 'no_thread' });
    expect(await failureOf(pool.run(task('a')))).toMatchObject({ name: 'PipelineShapeError', reason: 'error' });
    expect(event).toHaveBeenCalledWith('worker.thread_failed', { error_name: 'PipelineShapeError' });
  });

  it('that die while they start fail the stage that waits', async () => {
    const dying = createStagePool({
      pipelineModule: pipelineFile(`[]`, `process.exit(9);`),
      outputDir: temporaryFolder(),
      maxThreads: 2,
      log: silentLogger,
    });
    pools.push(dying);
    expect(await failureOf(dying.run(task('a')))).toMatchObject({ reason: 'exit', code: 'no_thread' });
  });

  it('end with the pool, which fails what runs and waits, and takes nothing more', async () => {
    const pool = poolOf(BASICS);
    await pool.run(task('pid'));
    const running = ['deaf', 'deaf'].map((stage) => failureOf(pool.run(task(stage))));
    await Promise.all([pool.stop(), pool.stop()]);
    expect(await Promise.all(running)).toMatchObject([{ aborted: true }, { aborted: true }]);
    expect(await failureOf(pool.run(task('pid')))).toMatchObject({ aborted: true });
  });

  it('end also when the pool never ran a stage', async () => {
    await poolOf(BASICS).stop();
  });
});
