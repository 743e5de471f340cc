import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRecord, type TestRecord } from './test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

it('has each transition under the name of its file, bound to its database', () => {
  const folder = fileURLToPath(new URL('../src/transitions', import.meta.url));
  const pieces = new Set([
    'lock-rows',
    'record-event',
    'unmark',
    'mark',
    'extend-leases',
    'make-notice',
    'send-notices',
  ]);
  const names = readdirSync(folder).map((file) => file.replace('.ts', ''));
  for (const name of names.filter((each) => !pieces.has(each))) expect(record.repo).toHaveProperty(name);
});

it('the tables refuse rows that no transition makes', async () => {
  const [job] = await record.repo.discover({
    source: 's',
    postings: [{ external_id: '1', title: 't', company: 'c' }],
    autoEnqueue: false,
  });
  const set = (columns: string): Promise<void> =>
    record.sql(`UPDATE application_tracking SET ${columns} WHERE job_id = $1`, [job?.jobId]);
  await expect(set(`status = 'waiting'`)).rejects.toThrow('status_is_known');
  await expect(set(`claim_token = gen_random_uuid()`)).rejects.toThrow('token_has_a_claim');
  await expect(set(`status = 'processing'`)).rejects.toThrow('processing_has_a_holder');
  await expect(set(`status = 'queued'`)).rejects.toThrow('queued_has_a_place');
  await expect(set(`status = 'failed'`)).rejects.toThrow('ended_has_a_time');
  await expect(set(`status = 'processed', finished_at = now(), error_info = '{}'`)).rejects.toThrow(
    'processed_has_no_error',
  );
  await expect(record.sql('INSERT INTO queue_state (id) VALUES (2)')).rejects.toThrow('queue_state_is_one_row');
});
