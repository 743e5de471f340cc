import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStages } from '../../src/pipeline/parse-stages.ts';
import type { JobPosting, StageContext } from '../../src/pipeline/stage.ts';
import builtIn from '../../src/stages/built-in.ts';
import { documentOf, documentStage } from '../../src/stages/document.ts';
import { normalise } from '../../src/stages/normalise.ts';
import { summarise, summariseStage } from '../../src/stages/summarise.ts';
import { outputJson } from '../../src/threads/output-json.ts';
import { JOB_ID, posting } from '../postings.ts';

/** Runs the built-in pipeline as the worker does, but for threads. */
async function applicationFor(job: JobPosting): Promise<{ markdown: string; outputs: Record<string, unknown> }> {
  const outputs: Record<string, unknown> = {};
  let markdown = '';
  const files = {
    write: (_: string, data: string | Uint8Array) => {
      markdown = String(data);
      return Promise.resolve('');
    },
  };
  for (const stage of parseStages(builtIn)) {
    // Reason: the built-in stages use these three only.
    const context = { job, outputs, files } as unknown as StageContext;
    outputs[stage.name] = JSON.parse(outputJson(await stage.run(context)));
  }
  return { markdown, outputs };
}

describe('normalise', () => {
  it('gives clean text in bounded lengths', () => {
    const job = posting({
      title: ' Senior\u0000 <b>Carpenter</b>\t&amp; Joiner ',
      location: ' ',
      url: 'https://example.org/a?b=1&c=2',
      description: '<p>First\u00a0 line</p>\r\n\r\n\n<p>Second\ufeff</p>',
    });
    expect(normalise(job)).toEqual({
      title: 'Senior Carpenter & Joiner',
      company: 'Oak & Sons',
      location: null,
      url: 'https://example.org/a?b=1&c=2',
      text: 'First line\n\nSecond',
      truncated: false,
      posted_at: null,
    });
  });

  it('says that it cut a text, and does not cut a character', () => {
    const cut = normalise(posting({ description: `${'x'.repeat(199_999)}😀 and more` }));
    expect(cut).toMatchObject({ truncated: true, text: 'x'.repeat(199_999) });
    expect(normalise(posting({ description: '<i></i> '.repeat(600_000) }))).toMatchObject({
      truncated: true,
      text: '',
    });
  });
});

describe('summarise', () => {
  it('counts words and finds the frequent ones, in words that mean something', () => {
    const text = 'We need Node.js and the Node.js tools.\n\nC++ or node.js, 2024, full-time: C++!';
    expect(summarise({ title: 'Engineer', text })).toEqual({
      words: 13,
      paragraphs: 2,
      reading_minutes: 1,
      keywords: [
        { word: 'node.js', count: 3 },
        { word: 'c++', count: 2 },
        { word: 'engineer', count: 1 },
        { word: 'tools', count: 1 },
        { word: 'full-time', count: 1 },
      ],
    });
  });

  it('has figures for an empty text', () => {
    expect(summarise({ title: '', text: '' })).toEqual({ words: 0, paragraphs: 0, reading_minutes: 0, keywords: [] });
  });
});

describe('the document', () => {
  it('tells the facts, and takes nothing of the posting for markup', () => {
    const normal = normalise(
      posting({ title: '# *Boss* <x>', description: '<ul><li>one</li></ul># two\n1. three\n\n+ four' }),
    );
    const markdown = documentOf(JOB_ID, 'file:x_y', normal, summarise(normal));
    expect(markdown).toContain(`# \\# \\*Boss\\* at Oak & Sons\n`);
    expect(markdown).toContain(`- **Job:** ${JOB_ID}\n`);
    expect(markdown).toContain(`- **Source:** file:x\\_y\n`);
    expect(markdown).toContain('- **Location:** not given\n');
    expect(markdown).toContain('- one\n\\# two  \n1\\. three  \n\n\\+ four  \n');
  });

  it('says when there is no description, and when it was cut', () => {
    const empty = normalise(posting());
    expect(documentOf(JOB_ID, 's', empty, summarise(empty))).toContain('It has no description.');
    expect(documentOf(JOB_ID, 's', { ...empty, truncated: true }, summarise(empty))).toContain('the rest is left out');
  });
});

describe('the built-in pipeline', () => {
  it('refuses outputs that are not what it wrote', async () => {
    expect(() => summariseStage.run({ outputs: {} })).toThrow('"normalise" left no posting');
    expect(() => summariseStage.run({ outputs: { normalise: { title: 1 } } })).toThrow('"normalise" left no posting');
    const files = { write: () => Promise.resolve('') };
    const normal = normalise(posting());
    await expect(documentStage.run({ job: posting(), outputs: { normalise: normal }, files })).rejects.toThrow(
      'left no posting',
    );
  });

  it('makes one document of each sample posting', async () => {
    const samples = fileURLToPath(new URL('../../../../tools/samples/postings.ndjson', import.meta.url));
    const lines = readFileSync(samples, 'utf8').split('\n');
    let documents = 0;
    for (const line of lines) {
      let sample: unknown;
      try {
        sample = JSON.parse(line);
      } catch {
        // The poller sets such lines aside.
        continue;
      }
      const { title, company } = sample as Partial<JobPosting>;
      if (typeof title !== 'string' || typeof company !== 'string') continue;
      const { markdown } = await applicationFor(posting({ ...(sample as object) }));
      expect(markdown).toMatch(/^# .+\n/);
      documents += 1;
    }
    expect(documents).toBeGreaterThanOrEqual(60);
  });

  it('survives any text', async () => {
    const text = fc.string({ unit: 'binary' });
    const any = fc.record({
      title: text,
      company: text,
      location: fc.option(text),
      url: fc.option(text),
      description: fc.option(text),
    });
    await fc.assert(
      fc.asyncProperty(any, async (members) => {
        const { markdown, outputs } = await applicationFor(posting(members));
        expect(markdown.startsWith('# ')).toBe(true);
        expect(outputs['document']).toMatchObject({ bytes: Buffer.byteLength(markdown) });
      }),
      { seed: 5 },
    );
  });

  it('survives the largest description, within the size of an output', async () => {
    const { outputs } = await applicationFor(posting({ description: '漢'.repeat(5_000_000) }));
    expect(outputs['normalise']).toMatchObject({ truncated: true });
  });
});
