import { afterAll, beforeAll, expect, it } from 'vitest';
import { claimed, openRecord, processing, stageOf, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

it('keeps the output as the contract shapes it, with the time of the database', async () => {
  const claim = await processing(record);
  const stage = stageOf('match', { outputJson: '{"score":0.8,"why":["a"]}', version: 2, durationMs: 34 });
  expect(await record.repo.checkpoint([{ ...claim, record: stage }])).toEqual(['done']);
  const { stage_outputs: outputs } = await record.row(claim.jobId);
  expect(outputs['match']?.['at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  expect(outputs).toEqual({
    match: {
      output: { score: 0.8, why: ['a'] },
      attempt: 1,
      version: 2,
      duration_ms: 34,
      token: claim.token,
      at: outputs['match']?.['at'],
    },
  });
  expect((await record.events(claim.jobId)).at(-1)).toEqual({
    event: 'stage_finished',
    attempt: 1,
    worker_name: 'worker-1',
    detail: { stage: 'match', duration_ms: 34, version: 2 },
  });
});

it('names the files that a stage wrote', async () => {
  const claim = await processing(record);
  await record.repo.checkpoint([{ ...claim, record: stageOf('letter', { files: ['letter.txt', 'résumé.html'] }) }]);
  expect((await record.row(claim.jobId)).stage_outputs['letter']?.['files']).toEqual(['letter.txt', 'résumé.html']);
});

it('takes names and outputs of any characters, also those that Postgres refuses', async () => {
  const claim = await processing(record);
  const outputJson = JSON.stringify({ text: 'nul \0, lone \ud800, path C:\\u0000', emoji: '😀' });
  await record.repo.checkpoint([{ ...claim, record: stageOf(`"quoted' \\ $1`, { outputJson }) }]);
  expect((await record.row(claim.jobId)).stage_outputs[`"quoted' \\ $1`]?.['output']).toEqual({
    text: 'nul \uFFFD, lone \uFFFD, path C:\\u0000',
    emoji: '😀',
  });
});

it('keeps earlier stages, and replaces the output of one that ran again under a new claim', async () => {
  const claim = await processing(record);
  await record.repo.checkpoint([{ ...claim, record: stageOf('one') }]);
  await record.repo.checkpoint([{ ...claim, record: stageOf('two') }]);
  await record.repo.settle([{ ...claim, outcome: { kind: 'given_back', reason: 'shutdown' } }]);
  const again = await claimed(record, claim.jobId);
  await record.repo.checkpoint([{ ...again, record: stageOf('two', { outputJson: '2' }) }]);
  expect((await record.row(claim.jobId)).stage_outputs).toMatchObject({
    one: { token: claim.token },
    two: { output: 2, token: again.token },
  });
});

it('takes with it what later stages made of its former output, so that no lost worker leaves it to be taken for finished', async () => {
  const claim = await processing(record);
  for (const stage of ['one', 'two', 'three', 'extra'])
    await record.repo.checkpoint([{ ...claim, record: stageOf(stage) }]);
  await record.repo.settle([{ ...claim, outcome: { kind: 'given_back', reason: 'shutdown' } }]);
  const again = await claimed(record, claim.jobId);
  const rerun = stageOf('one', { version: 2, outdates: ['two', 'three'] });
  expect(await record.repo.checkpoint([{ ...again, record: rerun }])).toEqual(['done']);
  expect(Object.keys((await record.row(claim.jobId)).stage_outputs).sort()).toEqual(['extra', 'one']);
  await record.repo.checkpoint([{ ...again, record: stageOf('two') }]);
  expect(await record.repo.checkpoint([{ ...again, record: rerun }])).toEqual(['already']);
  expect(Object.keys((await record.row(claim.jobId)).stage_outputs).sort()).toEqual(['extra', 'one', 'two']);
});

it('ends the stage that was told as running', async () => {
  const claim = await processing(record);
  await record.repo.tick([{ ...claim, stage: 'match' }], [claim.token], {
    id: claim.token,
    sessionKey: null,
    workerName: 'w',
    leaseMs: 1000,
  });
  expect((await record.row(claim.jobId)).current_stage).toBe('match');
  await record.repo.checkpoint([{ ...claim, record: stageOf('match') }]);
  expect((await record.row(claim.jobId)).current_stage).toBeNull();
});

it('refuses JSON that is none with an error of the data', async () => {
  const claim = await processing(record);
  const broken = record.repo.checkpoint([{ ...claim, record: stageOf('match', { outputJson: '{"a":' }) }]);
  await expect(broken).rejects.toMatchObject({ code: '22P02' });
});
