/** Loads a pipeline and says what stages it has, or in one sentence why it has none. Never throws. */
import type { CheckAnswer } from '../threads/messages.ts';
import { describeThrown } from '../threads/thrown.ts';
import { importStages } from './import-stages.ts';
import { PipelineShapeError, stageInfo } from './parse-stages.ts';

export async function checkPipeline(pipelineModule: string | undefined): Promise<CheckAnswer> {
  try {
    const stages = await importStages(pipelineModule);
    return { stages: stages.map(stageInfo) };
  } catch (error) {
    if (error instanceof PipelineShapeError) return { reason: error.message };
    const { name, message } = describeThrown(error);
    return { reason: `it fails on load: ${name}: ${message}` };
  }
}
