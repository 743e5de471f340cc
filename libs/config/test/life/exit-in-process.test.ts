/** The same program over a host of its own: what real processes show in exit.test.ts, here with a clock that is set. */
import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RefusedError, runProgram, type Program } from '../../src/index.ts';
import { RecordingStream } from '../log/recording-stream.ts';

class TestHost extends EventEmitter {
  readonly stdout: Writable;
  readonly stderr = new RecordingStream();
  readonly env: NodeJS.ProcessEnv = {};
  readonly exited: Promise<number>;
  readonly exitCodes: number[] = [];
  private settle: (code: number) => void = () => undefined;

  constructor(stdout: Writable = new RecordingStream()) {
    super();
    this.stdout = stdout;
    this.exited = new Promise((resolve) => (this.settle = resolve));
  }

  exit(code: number): void {
    this.exitCodes.push(code);
    this.settle(code);
  }
}

const untilAborted: Program = (shutdown) =>
  new Promise((resolve) => shutdown.addEventListener('abort', () => resolve(), { once: true }));
const forever: Program = () => new Promise(() => undefined);

describe('a program', () => {
  it('ends with the number of its main, 0 where it gives none', async () => {
    const saying: Program = () => Promise.resolve<unknown>(true) as Promise<void>; // void may hold anything, such as what a write gives
    for (const [main, code] of [
      [() => Promise.resolve(1), 1],
      [() => Promise.resolve(), 0],
      [saying, 0],
    ] as const) {
      const host = new TestHost();
      runProgram(main, { host });
      expect(await host.exited).toBe(code);
    }
  });

  it('ends with what came first, once', async () => {
    const host = new TestHost();
    runProgram(() => Promise.reject(new RefusedError('first')), { host });
    await vi.waitFor(() => expect(host.stderr.lines).toEqual(['error: first']));
    host.emit('uncaughtException', new Error('second'));
    host.emit('beforeExit');
    expect(await host.exited).toBe(1);
    expect(host.stderr.lines).toEqual(['error: first']);
    expect(host.exitCodes).toEqual([1]);
  });

  it.each(['uncaughtException', 'unhandledRejection'])('ends with 1 at an %s', async (kind) => {
    const host = new TestHost();
    runProgram(forever, { host });
    host.emit(kind, new Error('nobody'));
    expect(await host.exited).toBe(1);
    expect(host.stderr.lines).toEqual(['error: nobody']);
  });

  it('ends with 1 where nothing is left to wait for', async () => {
    const host = new TestHost();
    runProgram(forever, { host });
    host.emit('beforeExit');
    expect(await host.exited).toBe(1);
  });

  it('is asked to end by the first signal, and forced by one that comes 1 s later', async () => {
    const host = new TestHost();
    let nowMs = 5_000;
    runProgram(forever, { host, clock: { now: () => new Date(), monotonicMs: () => nowMs } });
    host.emit('SIGINT');
    nowMs += 999;
    host.emit('SIGTERM');
    expect(host.exitCodes).toEqual([]);
    nowMs += 1;
    host.emit('SIGTERM');
    expect(await host.exited).toBe(1);
    expect(host.stderr.lines).toHaveLength(1);
  });

  it('ends with 0 after an orderly stop, which a signal asked for, no reader who went', async () => {
    const host = new TestHost();
    let asked: unknown;
    runProgram(
      async (shutdown) => {
        await untilAborted(shutdown);
        asked = shutdown.reason;
      },
      { host },
    );
    host.emit('SIGTERM');
    expect(await host.exited).toBe(0);
    expect(asked).toMatchObject({ code: 'shutdown', readerWent: false });
  });

  it('outlives an error of its stderr', async () => {
    const host = new TestHost();
    runProgram(untilAborted, { host });
    host.stderr.emit('error', new Error('EPIPE'));
    host.emit('SIGTERM');
    expect(await host.exited).toBe(0);
  });
});

describe('an output', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('whose reader went asks for the end, and ends a main that does not listen with 0', async () => {
    const host = new TestHost();
    let asked: unknown;
    runProgram(
      (shutdown) => {
        shutdown.addEventListener('abort', () => {
          asked = shutdown.reason;
        });
        return new Promise(() => undefined);
      },
      { host },
    );
    host.stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(asked).toMatchObject({ code: 'shutdown', readerWent: true });
    await vi.advanceTimersByTimeAsync(5_000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(host.exitCodes).toEqual([0]);
    expect(host.stderr.lines).toEqual([]);
  });

  it('that fails otherwise is an error', async () => {
    const host = new TestHost();
    runProgram(forever, { host });
    host.stdout.emit('error', Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
    await vi.advanceTimersByTimeAsync(1);
    expect(host.exitCodes).toEqual([1]);
    expect(host.stderr.lines).toEqual(['error: no space left']);
  });

  it('that nobody takes holds up the end until that was asked for, and then 5 s', async () => {
    const host = new TestHost(new Writable({ write: () => undefined }));
    runProgram(() => Promise.resolve(), { host });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(host.exitCodes).toEqual([]);
    host.emit('SIGTERM');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(host.exitCodes).toEqual([0]);
  });
});
