// The worker's composition root: reads the configuration once, builds the parts, wires the shutdown. No logic.
import { hostname } from 'node:os';
import {
  createLogger,
  createOpsServer,
  readEnvironment,
  runProgram,
  secretsOf,
  startInOrder,
  stopInReverse,
  type Service,
} from '@jobhive/config';
import { createHistoryKeeper, openQueue } from '@jobhive/queue';
import { LEFTOVER_AGE_MS, removeLeftovers } from './documents/leftovers.ts';
import { makeOutputDir } from './documents/output-dir.ts';
import { parseOptions } from './options.ts';
import { loadPipeline } from './pipeline/load-pipeline.ts';
import { waitForServices } from './start-services.ts';
import { createStagePool } from './threads/pool.ts';
import { runWorker } from './worker.ts';

/** What is left of the 5 s after the grace, once the worker has stopped. */
const HURRIED_MS = 700;

runProgram(async (shutdown) => {
  const options = await parseOptions(process.argv.slice(2), (text) => process.stdout.write(text));
  if (options === undefined) return;
  const environment = readEnvironment();
  const name = options.name ?? environment.workerName ?? `${hostname()}-${String(process.pid)}`;
  const log = createLogger({
    level: environment.logLevel,
    format: environment.logFormat,
    secrets: secretsOf(environment),
  }).child({ worker: name });
  const { pipelineModule } = environment;
  const stages = await loadPipeline(pipelineModule);
  const outputDir = await makeOutputDir(environment.outputDir);
  const slots = options.concurrency ?? environment.workerConcurrency;
  const open = openQueue({ environment, log, role: 'worker', applicationName: 'jobhive-worker' });
  const pool = createStagePool({ pipelineModule, outputDir, maxThreads: slots, log });
  const ops: Service[] =
    environment.opsPort === undefined
      ? []
      : [
          createOpsServer({
            port: environment.opsPort,
            metrics: open.metrics,
            checks: [
              { name: 'postgres', check: async () => void (await open.database.ping()) },
              { name: 'redis', check: async () => void (await open.redis.ping()) },
            ],
            log,
          }),
        ];
  const history = createHistoryKeeper({ repository: open.repository, log });
  try {
    await startInOrder(ops, log);
    await removeLeftovers(outputDir, { ageMs: Math.max(LEFTOVER_AGE_MS, 2000 * environment.jobTimeoutSeconds) });
    if (!(await waitForServices(open, { patient: !options.burst, log }, shutdown))) return;
    await history.start();
    await runWorker({ environment, open, name, slots, stages, pool, outputDir, burst: options.burst, log }, shutdown);
  } finally {
    await pool.stop();
    await stopInReverse(
      [...ops, { name: 'stores', start: () => Promise.resolve(), stop: () => open.stop() }, history],
      { boundMs: shutdown.aborted ? HURRIED_MS : 3000 },
      log,
    );
  }
});
