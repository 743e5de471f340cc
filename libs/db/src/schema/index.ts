export { applicationTracking, queueSeq } from './application-tracking.ts';
export { jobEvents } from './job-events.ts';
export { discoverySeq, jobs } from './jobs.ts';
export { rejectedPostings, sourceStates } from './polling.ts';
export { enqueueBudget, leases, queueState, systemEvents } from './queue-state.ts';
