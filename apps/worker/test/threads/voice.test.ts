import { describe, expect, it, vi } from 'vitest';
import type { Told } from '../../src/threads/messages.ts';
import { createVoice } from '../../src/threads/voice.ts';

function listening(nowMs?: () => number) {
  const heard: Told[] = [];
  return { heard, voice: createVoice(7, (told) => heard.push(told), nowMs) };
}

describe('the voice of a stage', () => {
  it('tells the first progress at once and then the latest, at most once in 100 ms', async () => {
    const { heard, voice } = listening();
    for (let i = 0; i < 1_000; i += 1) voice.progress(i / 1_000, `step ${String(i)}`);
    expect(heard).toEqual([{ kind: 'progress', runId: 7, fraction: 0, text: 'step 0' }]);
    await vi.waitFor(() => {
      expect(heard).toHaveLength(2);
    });
    expect(heard[1]).toMatchObject({ fraction: 0.999, text: 'step 999' });
    expect(voice.end()).toBe(2);
  });

  it('speaks at once again after a pause', () => {
    let nowMs = 0;
    const { heard, voice } = listening(() => nowMs);
    voice.progress(0.1);
    nowMs = 100;
    voice.progress(0.2);
    expect(heard).toHaveLength(2);
  });

  it('puts a fraction between 0 and 1, and cuts the text', () => {
    let nowMs = 0;
    const { heard, voice } = listening(() => (nowMs += 1_000));
    for (const fraction of [-1, 2, NaN, 'x' as unknown as number]) voice.progress(fraction, 't'.repeat(9_999));
    expect(heard).toMatchObject([{ fraction: 0 }, { fraction: 1 }, { fraction: 0 }, { fraction: 0 }]);
    expect(heard[0]).toMatchObject({ text: 't'.repeat(500) });
  });

  it('is mute once the stage has ended', () => {
    const { heard, voice } = listening();
    voice.progress(0.1);
    voice.progress(0.2);
    expect(voice.end()).toBe(1);
    voice.progress(0.3);
    voice.log.info('late');
    expect(heard).toHaveLength(1);
  });

  it('sends fields as plain JSON, or says that it could not', () => {
    const { heard, voice } = listening();
    voice.log.debug('a', { n: 1, f: () => 1, d: new Date(0) });
    voice.log.info('b', { n: 1n });
    voice.log.warn('c', { long: 'x'.repeat(9_000) });
    voice.log.error('d');
    voice.log.info('e', [1] as unknown as Record<string, unknown>);
    expect(heard).toMatchObject([
      { level: 'debug', message: 'a', fields: { n: 1, d: '1970-01-01T00:00:00.000Z' } },
      { level: 'info', fields: { fields_dropped: 'no JSON' } },
      { level: 'warn', fields: { fields_dropped: 'too large' } },
      { level: 'error', fields: {} },
      { level: 'info', fields: {} },
    ]);
  });

  it('logs a thousand lines, then says that the rest is dropped', () => {
    const { heard, voice } = listening();
    for (let i = 0; i < 2_000; i += 1) voice.log.info('x');
    expect(heard).toHaveLength(1_001);
    expect(heard.at(-1)).toMatchObject({ level: 'warn', message: expect.stringContaining('dropped') as string });
  });
});
