/** Acceptance 4: ten jobs and three workers: all take part, each job is worked on exactly once, and the depth falls. */
import { expect, test } from 'vitest';
import type { StatusDocument } from '@jobhive/queue';
import { postings } from '../src/postings.ts';
import { withSystem } from '../src/system.ts';

const WORKERS = ['ann', 'bea', 'cem'];

test('three workers share ten jobs, each job once, and the depth falls to 0', () =>
  withSystem({ pipeline: 'steady', env: { STAGE_MS: '200' } }, async (system) => {
    const { record } = system;
    const ids = await system.discover(postings(10));
    await Promise.all(WORKERS.map((name) => system.worker(name)));
    await system.monitor('pause');
    await system.monitor('enqueue', '--discovered');
    expect(await system.monitor<StatusDocument>('status')).toMatchObject({
      depth: 10,
      workers: { active: 3 },
      paused: true,
    });

    const depths: number[] = [];
    const resumed = system.monitor('resume');
    for (let waiting = 10; waiting > 0;) {
      const statuses = await record.statuses(ids);
      waiting = statuses.filter((status) => status === 'queued').length;
      if (depths.at(-1) !== waiting) depths.push(waiting);
    }
    await resumed;
    await record.untilStatus(ids, 'processed');

    expect(depths[0]).toBe(10);
    expect(depths).toEqual([...depths].sort((a, b) => b - a));
    expect(depths.length).toBeGreaterThan(3);
    const claims = await record.eventsNamed('claimed');
    // Taken in order; three who took at the same moment may be told of their claims in any order.
    claims.forEach(({ job_id }, place) => {
      expect(Math.abs(ids.indexOf(job_id) - place)).toBeLessThan(3);
    });
    expect(new Set(claims.map(({ job_id }) => job_id)).size).toBe(ids.length);
    expect(claims).toHaveLength(ids.length);
    expect(new Set(claims.map(({ worker_name }) => worker_name))).toEqual(new Set(WORKERS));
    const ledger = await system.ledger();
    expect(ledger.map(({ job_id }) => job_id).sort()).toEqual([...ids].sort());
    expect(new Set(ledger.map(({ pid }) => pid)).size).toBe(3);
    expect(await system.monitor<StatusDocument>('status')).toMatchObject({
      depth: 0,
      processing: 0,
      counts: { processed: 10 },
    });
  }));
