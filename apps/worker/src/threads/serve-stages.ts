/**
 * What a stage thread does: loads the pipeline once, hands the main thread a control port, and answers run orders. A
 * pipeline that cannot be loaded is an answer too, so that no order waits for ever.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { importStages } from '../pipeline/import-stages.ts';
import type { AbortOrder, Hello, ReadyAnswer, RunAnswer, RunOrder, ThreadData } from './messages.ts';
import { createStageRunner, type StageRunner } from './stage-runner.ts';
import { describeThrown } from './thrown.ts';

export type StageHandler = (order: RunOrder | 'ready') => Promise<RunAnswer | ReadyAnswer>;

/** The part of the thread's `process` that is needed: errors which nobody caught, and the end of the thread. */
export interface ThreadProcess {
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown;
  exit(code?: number | string | null): never;
}

export async function serveStages(
  parent: Pick<MessagePort, 'postMessage'>,
  { pipelineModule, outputDir }: ThreadData,
  thread: ThreadProcess,
): Promise<StageHandler> {
  const { port1: control, port2 } = new MessageChannel();
  parent.postMessage({ control: port2 } satisfies Hello, [port2]);
  try {
    const stages = await importStages(pipelineModule);
    const runner = createStageRunner({
      stages,
      outputDir,
      tell: (told) => {
        control.postMessage(told);
      },
    });
    control.on('message', (order: AbortOrder) => {
      runner.abort(order);
    });
    control.unref();
    guard(thread, runner);
    return (order) => (order === 'ready' ? Promise.resolve({ kind: 'ready' }) : runner.run(order));
  } catch (error) {
    control.close();
    const unusable: ReadyAnswer = { kind: 'unusable', thrown: describeThrown(error) };
    return () => Promise.resolve(unusable);
  }
}

/** What a stage left running must not end the stage after it. */
function guard(thread: ThreadProcess, runner: StageRunner): void {
  const exit = thread.exit.bind(thread);
  thread.exit = (code) => {
    if (runner.calledByLeftover()) throw new Error('a stage that has returned cannot end the thread any more');
    return exit(code);
  };
  thread.on('uncaughtException', (error) => {
    runner.uncaught(error);
  });
  thread.on('unhandledRejection', (error) => {
    runner.uncaught(error);
  });
}
