// The pipeline that runs where PIPELINE_MODULE names none.
import type { Stage } from '../pipeline/stage.ts';
import { documentStage } from './document.ts';
import { normaliseStage } from './normalise.ts';
import { summariseStage } from './summarise.ts';

const builtIn: readonly Stage[] = [normaliseStage, summariseStage, documentStage];

export default builtIn;
