/** Why a job is where it is: the pure part, for whoever has the facts (chaos judges real histories by it). */
export { explain, type Explanation, type History } from './explain.ts';
export type { ExpectedStart } from './expected-start.ts';
export type { LiveFacts, WorkersSeen } from './facts.ts';
export { WAIT_REASONS, type Wait, type WaitReason } from './wait.ts';
