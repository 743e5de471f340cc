import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkPipeline } from '../../src/pipeline/check-pipeline.ts';
import { loadPipeline } from '../../src/pipeline/load-pipeline.ts';
import { pipelineFile, temporaryFolder } from '../pipeline-file.ts';

describe('loadPipeline', () => {
  it('says what stages the built-in pipeline has', async () => {
    expect((await loadPipeline(undefined)).map(({ name }) => name)).toEqual(['normalise', 'summarise', 'document']);
  });

  it('takes a path from the working directory', async () => {
    const path = pipelineFile(`[{ name: 'a', version: 2, timeoutSeconds: 9, run() {} }]`);
    expect(await loadPipeline(relative(process.cwd(), path))).toEqual([{ name: 'a', version: 2, timeoutSeconds: 9 }]);
  });

  it.each([
    ['throws on load', `[]`, `throw new Error('no model\\nfound');`, 'Error: no model found'],
    ['throws undefined on load', `[]`, `throw undefined;`, 'undefined'],
    ['is no pipeline', `{}`, ``, 'not an array of stages'],
    ['does not parse', `[`, ``, 'SyntaxError'],
    ['ends its process on load', `[]`, `process.exit(3);`, 'exited with code: 3'],
    [
      'throws later while it loads',
      `[]`,
      `setTimeout(() => { throw new Error('late'); }); await new Promise(() => setInterval(() => 0, 1000));`,
      'late',
    ],
  ])('refuses a module that %s, in one line and with exit code 2', async (_, stages, before, reason) => {
    const error: unknown = await loadPipeline(pipelineFile(stages, before)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'PipelineModuleError', exitCode: 2 });
    expect(String(error)).toContain(reason);
    expect(String(error)).not.toContain('\n');
  });

  it('refuses a file that is not there, naming it', async () => {
    const path = join(temporaryFolder(), 'none.mjs');
    await expect(loadPipeline(path)).rejects.toThrow(`PIPELINE_MODULE "${path}" cannot be used`);
  });

  it('is not held up by a module that never finishes loading', async () => {
    const spinning = pipelineFile(`[]`, `for (;;);`);
    await expect(loadPipeline(spinning, { loadMsMax: 1_500 })).rejects.toThrow('did not finish loading within 1.5 s');
  });
});

describe('checkPipeline', () => {
  it('answers with a reason, never with an error', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'bad.mjs'), `throw new TypeError('bad');`);
    writeFileSync(join(folder, 'empty.mjs'), `export default [];`);
    expect(await checkPipeline(join(folder, 'bad.mjs'))).toEqual({ reason: 'it fails on load: TypeError: bad' });
    expect(await checkPipeline(join(folder, 'empty.mjs'))).toEqual({
      reason: expect.stringContaining('at least one stage') as string,
    });
    expect(await checkPipeline(undefined)).toMatchObject({ stages: [{ name: 'normalise' }, {}, {}] });
  });
});
