// Entry of the thread that loads a pipeline to see what stages it has. It answers once; load-pipeline.ts ends it.
import { parentPort, workerData } from 'node:worker_threads';
import { checkPipeline } from '../pipeline/check-pipeline.ts';
import type { ThreadData } from './messages.ts';

// Reason: load-pipeline.ts alone starts this file, with exactly this.
const { pipelineModule } = workerData as Pick<ThreadData, 'pipelineModule'>;
parentPort?.postMessage(await checkPipeline(pipelineModule));
