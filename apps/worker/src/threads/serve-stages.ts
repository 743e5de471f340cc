/**
 * What a stage thread does: loads the pipeline once, hands the main thread a control port, and answers run orders. A
 * pipeline that cannot be loaded is an answer too, so that no order waits for ever.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { importStages } from '../pipeline/import-stages.ts';
import type { AbortOrder, Hello, ReadyAnswer, RunAnswer, RunOrder, ThreadData } from './messages.ts';
import { createStageRunner } from './stage-runner.ts';
import { describeThrown } from './thrown.ts';

export type StageHandler = (order: RunOrder | 'ready') => Promise<RunAnswer | ReadyAnswer>;

/** The part of `process` that tells of errors which nobody caught. */
export interface Uncaught {
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown;
}

export async function serveStages(
  parent: Pick<MessagePort, 'postMessage'>,
  { pipelineModule, outputDir }: ThreadData,
  uncaught: Uncaught,
): Promise<StageHandler> {
  const { port1: control, port2 } = new MessageChannel();
  parent.postMessage({ control: port2 } satisfies Hello, [port2]);
  try {
    const stages = await importStages(pipelineModule);
    const runner = createStageRunner({ stages, outputDir, tell: (told) => { control.postMessage(told); } });
    control.on('message', (order: AbortOrder) => { runner.abort(order); });
    control.unref();
    uncaught.on('uncaughtException', (error) => { runner.uncaught(error); });
    uncaught.on('unhandledRejection', (error) => { runner.uncaught(error); });
    return (order) => (order === 'ready' ? Promise.resolve({ kind: 'ready' }) : runner.run(order));
  } catch (error) {
    control.close();
    const unusable: ReadyAnswer = { kind: 'unusable', thrown: describeThrown(error) };
    return () => Promise.resolve(unusable);
  }
}
