import { describe, expect, it } from 'vitest';
import { summary, whatNext } from '../src/summary.ts';

describe('summary', () => {
  it('tells jobs by status, what this run changed, how long it took and where the documents are', () => {
    const before = { discovered: 0, queued: 0, processing: 0, processed: 5, failed: 0, cancelled: 0 };
    const after = { ...before, processed: 65, failed: 2 };
    const text = summary({ before, after, durationMs: 31_000, outputDir: 'output' });
    expect(text.split('\n')).toEqual([
      'jobs         now   this run',
      'discovered     0          0',
      'queued         0          0',
      'processing     0          0',
      'processed     65        +60',
      'failed         2         +2',
      'cancelled      0          0',
      '',
      'duration       31.0 s',
      'jobs a minute  120',
      'documents      output',
    ]);
  });

  it('says what to try next, and how to end what runs', () => {
    expect(whatNext(false)).toContain('Ctrl-C here ends all of it');
    expect(whatNext(true)).toContain('npm start');
  });
});
