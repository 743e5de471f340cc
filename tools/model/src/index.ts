/** The model of a job's life, the explorer that searches it, and the checker that replays a history through it. */
export {
  checkHistory,
  describeViolations,
  type FinalRow,
  type HistoryOptions,
  type Violation,
} from './history/check-history.ts';
export type { HistoryEvent } from './history/story.ts';
export { explore, type ExploreOptions, type Found } from './machine/explore.ts';
export { SOUND, without, type Rules } from './machine/rules.ts';
