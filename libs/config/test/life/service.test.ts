import { describe, expect, it } from 'vitest';
import { createLogger, sleep, startInOrder, stopInReverse, type Service } from '../../src/index.ts';
import { RecordingStream } from '../log/recording-stream.ts';

function play(): { acts: string[]; log: ReturnType<typeof createLogger>; part: typeof part; stream: RecordingStream } {
  const acts: string[] = [];
  const stream = new RecordingStream();
  const log = createLogger({ level: 'debug', format: 'json', stream });
  const part = (name: string, over: Partial<Service> = {}): Service => ({
    name,
    start: () => Promise.resolve(void acts.push(`start ${name}`)),
    stop: () => Promise.resolve(void acts.push(`stop ${name}`)),
    ...over,
  });
  return { acts, log, part, stream };
}

const never = (): Promise<void> => new Promise(() => undefined);
const refuse = (): Promise<void> => Promise.reject(new Error('no'));

describe('services', () => {
  it('start in order and stop in reverse', async () => {
    const { acts, log, part } = play();
    const services = [part('a'), part('b'), part('c')];
    await startInOrder(services, log);
    await stopInReverse(services, { boundMs: 1_000 }, log);
    expect(acts).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a']);
  });

  it('are undone in reverse where one cannot start, and its error is the one that is thrown', async () => {
    const { acts, log, part } = play();
    const services = [part('a'), part('b', { start: refuse }), part('c')];
    await expect(startInOrder(services, log)).rejects.toThrow('no');
    expect(acts).toEqual(['start a', 'stop b', 'stop a']);
  });

  it('are all asked to stop, whatever one of them does, and what did not is logged', async () => {
    const { acts, log, part, stream } = play();
    const thrower = (): Promise<void> => {
      throw new Error('at once');
    };
    const services = [part('a'), part('b', { stop: refuse }), part('c', { stop: thrower })];
    await stopInReverse(services, { boundMs: 1_000 }, log);
    expect(acts).toEqual(['stop a']);
    const failed = stream.records.filter(({ event }) => event === 'service.stop_failed');
    expect(failed.map(({ service }) => service)).toEqual(['c', 'b']);
  });

  it('stop within the bound, and each has its part of it, though one before it hangs', async () => {
    const { acts, log, part, stream } = play();
    const slow = part('slow', { stop: () => sleep(20).then(() => void acts.push('stop slow')) });
    const services = [part('a', { stop: never }), slow, part('c', { stop: never })];
    const begunMs = performance.now();
    await stopInReverse(services, { boundMs: 600 }, log);
    expect(performance.now() - begunMs).toBeLessThan(1_500);
    expect(acts).toEqual(['stop slow']);
    const failed = stream.records.filter(({ event }) => event === 'service.stop_failed');
    expect(failed.map(({ service, error_code }) => [service, error_code])).toEqual([
      ['c', 'deadline'],
      ['a', 'deadline'],
    ]);
  });

  it('may be none', async () => {
    const { log } = play();
    await startInOrder([], log);
    await stopInReverse([], { boundMs: 10 }, log);
  });
});
