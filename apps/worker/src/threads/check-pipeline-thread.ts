// Entry of the thread that loads a pipeline to see what stages it has. Piscina calls the default export with the path.
export { checkPipeline as default } from '../pipeline/check-pipeline.ts';
