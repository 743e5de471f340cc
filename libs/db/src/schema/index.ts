export { applicationTracking, queueSeq } from './application-tracking.ts';
export { historyMinutes } from './history.ts';
export { jobEvents } from './job-events.ts';
export { discoverySeq, jobs, jobWords } from './jobs.ts';
export { notices } from './notices.ts';
export { rejectedPostings, sourceStates } from './polling.ts';
export { enqueueBudget, leases, queueState, systemEvents } from './queue-state.ts';
