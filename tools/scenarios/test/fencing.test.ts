/**
 * A worker that stands still past its lease, and then goes on: another has done its work meanwhile, and what it still writes is
 * refused and on record. Nothing else of it is seen: not in the row, not in the history, not among the documents.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blockLoop, openDebugger, waitFor, type StartedProgram } from '@jobhive/test-kit';
import { expect, test } from 'vitest';
import { postings } from '../src/postings.ts';
import { withSystem, type System } from '../src/system.ts';

/** @returns what lets it go on */
type Freeze = (system: System, worker: StartedProgram) => Promise<() => void | Promise<void>>;

const stopped: Freeze = (_system, worker) => {
  worker.signal('SIGSTOP');
  return Promise.resolve(() => {
    worker.signal('SIGCONT');
  });
};

/** Its threads go on, and the stage comes to its end. */
const blocked: Freeze = async ({ folder }, worker) => {
  const address = await openDebugger(worker.pid, () => worker.stderr());
  if (address === undefined) throw new Error(`no debugger: ${worker.stderr()}`);
  const goOn = join(folder, 'go-on');
  blockLoop(address, `!process.getBuiltinModule('fs').existsSync(${JSON.stringify(goOn)})`);
  return () => writeFile(goOn, '');
};

/** All that could bear a trace of a write. */
async function seen(system: System, jobId: string) {
  const { record, outputDir } = system;
  const names = await system.documents();
  return {
    row: await record.row(jobId),
    events: (await record.events(jobId)).filter(({ event }) => event !== 'stale_write_refused'),
    documents: await Promise.all(names.map(async (name) => [name, await readFile(join(outputDir, name), 'utf8')])),
  };
}

/** The stage has begun, and written what it writes before the gate. */
const atTheGate = (system: System, jobId: string, pipeline: string): Promise<unknown> =>
  pipeline === 'gated'
    ? system.record.untilEvent(jobId, 'stage_finished')
    : waitFor('an unfinished document', async () => (await readdir(join(system.outputDir, `.${jobId}`))).length);

test.each([
  ['stopped in a stage with a document', 'writing', stopped],
  ['stopped in the last stage', 'gated', stopped],
  ['with a blocked event loop, in a stage with a document', 'writing', blocked],
  ['with a blocked event loop, in the last stage', 'gated', blocked],
])('a worker %s past its lease writes nothing more', (_where, pipeline, freeze) =>
  withSystem({ pipeline, env: { WORKER_LEASE: '3' } }, async (system) => {
    const { record } = system;
    const [jobId = ''] = await system.discover(postings(1));
    const frozen = await system.worker('frozen', [], { NODE_OPTIONS: '--inspect-port=0' });
    await system.monitor('enqueue', jobId);
    await atTheGate(system, jobId, pipeline);
    await system.worker('second');
    const goOn = await freeze(system, frozen);
    const claims = await record.untilEvent(jobId, 'claimed', 2);
    expect(claims.map(({ worker_name }) => worker_name)).toEqual(['frozen', 'second']);
    await system.openGate();
    await record.untilStatus([jobId], 'processed');

    const before = await seen(system, jobId);
    expect(before.row).toMatchObject({ attempt: 2, worker_name: 'second' });
    if (pipeline === 'writing') expect(before.documents).toEqual([[`${jobId}-letter.md`, 'attempt 2\n']]);
    await goOn();
    const [refused] = await record.untilEvent(jobId, 'stale_write_refused');
    expect(refused).toMatchObject({ attempt: 1, worker_name: 'frozen' });
    await frozen.stop();
    expect(await seen(system, jobId)).toEqual(before);
    expect(await record.eventsNamed('stale_write_refused')).toHaveLength(1);
    expect((await readdir(system.outputDir)).filter((name) => name.startsWith('.'))).toEqual([]);
  }),
);
