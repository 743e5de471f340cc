import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Stage, StageContext } from '../../src/pipeline/stage.ts';
import type { Hello, RunOrder, Told } from '../../src/threads/messages.ts';
import { serveStages, type ThreadProcess } from '../../src/threads/serve-stages.ts';
import { createStageRunner } from '../../src/threads/stage-runner.ts';
import { pipelineFile, temporaryFolder } from '../pipeline-file.ts';
import { JOB_ID, posting } from '../postings.ts';

const order = (members: Partial<RunOrder> = {}): RunOrder => ({
  runId: 1,
  stage: 'a',
  job: posting(),
  outputs: { before: 1 },
  attempt: 2,
  token: 'T1',
  removesBeforeMs: undefined,
  ...members,
});

function runner(run: Stage['run'], outputDir = temporaryFolder()) {
  const heard: Told[] = [];
  return {
    heard,
    outputDir,
    ...createStageRunner({ stages: [{ name: 'a', run }], outputDir, tell: (told) => heard.push(told) }),
  };
}

describe('the stage runner', () => {
  it('hands a stage what the contract says, and answers with its output', async () => {
    let seen: StageContext | undefined;
    const { run } = runner((context) => {
      seen = context;
      return { ok: true };
    });
    expect(await run(order())).toMatchObject({ kind: 'done', outputJson: '{"ok":true}', files: [], told: 0 });
    expect(seen).toMatchObject({ job: posting(), outputs: { before: 1 }, attempt: 2, effectKey: `${JOB_ID}:a` });
  });

  it.each([
    [
      'at once',
      () => {
        throw new TypeError('x');
      },
    ],
    [
      'later',
      async () => {
        await Promise.resolve();
        throw new TypeError('x');
      },
    ],
  ])('answers what a stage throws %s', async (_, run) => {
    expect(await runner(run).run(order())).toMatchObject({
      kind: 'thrown',
      noSpace: false,
      thrown: { name: 'TypeError', message: 'x' },
    });
  });

  it('answers for a stage that the pipeline does not have', async () => {
    const answer = await runner(() => null).run(order({ stage: 'b' }));
    expect(answer).toMatchObject({
      kind: 'thrown',
      thrown: { message: expect.stringContaining('no stage "b"') as string },
    });
  });

  it('aborts the signal of the run that is named, and of no other', async () => {
    const running = runner(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        }),
    );
    const answer = running.run(order());
    running.abort({ runId: 2, name: 'AbortError', message: 'other' });
    running.abort({ runId: 1, name: 'TimeoutError', message: 'took too long' });
    expect(await answer).toMatchObject({ thrown: { name: 'TimeoutError', message: 'took too long' } });
    running.abort({ runId: 1, name: 'TimeoutError', message: 'late' });
  });

  it('writes an unfinished document and names the final path', async () => {
    const paths: string[] = [];
    const { run, outputDir } = runner(async ({ files }) => {
      paths.push(
        await files.write('a.txt', 'first'),
        await files.write('a.txt', 'second'),
        await files.write('b.bin', Uint8Array.of(1)),
      );
    });
    expect(await run(order())).toMatchObject({ kind: 'done', files: ['a.txt', 'b.bin'] });
    expect(paths).toEqual(['a.txt', 'a.txt', 'b.bin'].map((name) => join(outputDir, `${JOB_ID}-${name}`)));
    expect(readFileSync(join(outputDir, `.${JOB_ID}`, 'a.txt.T1'), 'utf8')).toBe('second');
    expect(existsSync(paths[0] ?? '')).toBe(false);
  });

  it.each(['', '.hidden', '..', 'a/b', 'a\\b', '../a', 'a\u0000b', 'a\nb', '\ud800', 'x'.repeat(201), 5, undefined])(
    'refuses %j as the name of a document, for good',
    async (name) => {
      const { run } = runner(({ files }) => files.write(name as string, 'x'));
      expect(await run(order())).toMatchObject({ kind: 'thrown', thrown: { permanent: true } });
    },
  );

  it('takes a name of 200 bytes, and refuses data that is neither text nor bytes', async () => {
    expect(await runner(({ files }) => files.write('x'.repeat(200), '')).run(order())).toMatchObject({ kind: 'done' });
    const { run } = runner(({ files }) => files.write('a', 5 as unknown as string));
    expect(await run(order())).toMatchObject({ kind: 'thrown', thrown: { permanent: true } });
  });

  it('says that there is no space when the file system says so, also where the stage wrapped the error', async () => {
    const noSpace = Object.assign(new Error('full'), { code: 'ENOSPC' });
    const data = new Uint8Array(1);
    const { run } = runner(async ({ files }) => {
      vi.spyOn(data, 'byteLength', 'get').mockImplementation(() => {
        throw noSpace;
      });
      await files.write('a', data).catch(() => {
        throw new Error('wrapped');
      });
    });
    expect(await run(order())).toMatchObject({ kind: 'thrown', thrown: { message: 'wrapped' }, noSpace: true });
  });

  it('removes what other claims left before the first stage, and what is its own it keeps', async () => {
    const { run, outputDir } = runner(({ files }) => files.write('a', 'x'));
    await run(order({ token: 'T0' }));
    await run(order({ token: 'T1' }));
    await run(order({ token: 'T1', removesBeforeMs: Date.now() + 60_000 }));
    expect(existsSync(join(outputDir, `.${JOB_ID}`, 'a.T0'))).toBe(false);
    expect(existsSync(join(outputDir, `.${JOB_ID}`, 'a.T1'))).toBe(true);
  });

  it('gives a stage that has returned no more files, progress or log', async () => {
    let kept: StageContext | undefined;
    const { run, heard } = runner((context) => {
      kept = context;
    });
    await run(order());
    kept?.progress(1);
    kept?.log.info('late');
    expect(heard).toEqual([]);
    await expect(kept?.files.write('a', 'x')).rejects.toThrow('has returned');
  });
});

describe('an error that nobody caught', () => {
  const uncaughtIn = (then: (error: unknown) => void): Promise<void> =>
    new Promise((resolve) => {
      setTimeout(() => {
        then(new Error('from a timer'));
        resolve();
      });
    });

  it('fails the stage from which it came', async () => {
    const running = runner(() => {
      void uncaughtIn(running.uncaught);
      return new Promise(() => undefined);
    });
    expect(await running.run(order())).toMatchObject({ kind: 'thrown', thrown: { message: 'from a timer' } });
  });

  it('is only told when its stage has ended, and not blamed on the next', async () => {
    let left: Promise<void> | undefined;
    const running = runner(async ({ attempt }) => {
      if (attempt === 1) left = uncaughtIn(running.uncaught);
      else await left;
    });
    await running.run(order({ attempt: 1 }));
    expect(await running.run(order({ attempt: 2, runId: 2 }))).toMatchObject({ kind: 'done' });
    expect(running.heard).toMatchObject([
      { kind: 'left_over', jobId: JOB_ID, stage: 'a', thrown: { message: 'from a timer' } },
    ]);
  });

  it('is only told when it belongs to no stage', () => {
    const { heard, uncaught } = runner(() => null);
    uncaught(new Error('of the module'));
    expect(heard).toMatchObject([{ kind: 'left_over', jobId: undefined, stage: undefined }]);
  });
});

describe('serveStages', () => {
  const ports: MessagePort[] = [];
  afterEach(() => {
    for (const port of ports.splice(0)) port.close();
  });

  function thread() {
    const emitter = new EventEmitter();
    const exits: unknown[] = [];
    const exit = ((code: unknown) => {
      exits.push(code);
    }) as ThreadProcess['exit'];
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    const hello = new Promise<Hello>((resolve) => {
      port1.once('message', resolve);
    });
    return { parent: port2, process: Object.assign(emitter, { exit }), exits, hello };
  }

  it('answers orders, takes aborts over the control port, and tells over it', async () => {
    const { parent, process, hello } = thread();
    const pipelineModule = pipelineFile(
      `[{ name: 'a', run: ({ signal, log }) => { log.info('here'); return new Promise((r) => signal.addEventListener('abort', () => r(5))); } }]`,
    );
    const handle = await serveStages(parent, { pipelineModule, outputDir: temporaryFolder() }, process);
    expect(await handle('ready')).toEqual({ kind: 'ready' });
    const { control } = await hello;
    ports.push(control);
    const heard = new Promise((resolve) => {
      control.once('message', resolve);
    });
    const answer = handle(order());
    expect(await heard).toMatchObject({ kind: 'log', message: 'here' });
    control.postMessage({ runId: 1, name: 'AbortError', message: 'end' });
    control.ref();
    expect(await answer).toMatchObject({ kind: 'done', outputJson: '5', told: 1 });
  });

  it('answers that the pipeline is unusable, to every order', async () => {
    const { parent, process } = thread();
    const handle = await serveStages(parent, { pipelineModule: pipelineFile(`[]`), outputDir: '' }, process);
    expect(await handle(order())).toMatchObject({ kind: 'unusable', thrown: { name: 'PipelineShapeError' } });
  });

  it('lets a stage end its thread while it runs, but not what it left running', async () => {
    const { parent, process, exits, hello } = thread();
    const path = join(temporaryFolder(), 'p.mjs');
    writeFileSync(path, `export default [{ name: 'a', run: ({ outputs }) => outputs.hook() }];`);
    const handle = await serveStages(parent, { pipelineModule: path, outputDir: '' }, process);
    ports.push((await hello).control);
    let later: Promise<unknown> | undefined;
    const hook = (): number => {
      process.exit(4);
      later = new Promise((resolve) =>
        setTimeout(() => {
          try {
            process.exit(5);
          } catch (error) {
            resolve(error);
          }
        }),
      );
      return 1;
    };
    await handle(order({ outputs: { hook } }));
    expect(String(await later)).toContain('cannot end the thread');
    expect(exits).toEqual([4]);
    process.emit('uncaughtException', new Error('x'));
    process.emit('unhandledRejection', new Error('y'));
  });
});
