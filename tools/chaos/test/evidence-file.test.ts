import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEvidence, writeEvidence } from '../src/evidence-file.ts';
import { soundEvidence } from './sound-evidence.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jobhive-evidence-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('what is read is what was written, so that it can be judged again', async () => {
  const evidence = soundEvidence();
  const forGood = { worker: 'w9', why: 'killed' as const, fromMs: 1, toMs: Infinity };
  evidence.absences = [...evidence.absences, forGood];
  evidence.taken = new Map([['an id', [{ afterMs: 1, fromMs: 2, toMs: 3 }]]]);
  const file = join(folder, 'evidence.json');
  await writeEvidence(file, evidence);
  expect(await readEvidence(file)).toEqual(evidence);
});
