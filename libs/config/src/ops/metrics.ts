/**
 * Every metric of the contract, declared once, in a registry of its own: all names are there from the start, closed
 * label sets with 0. Counters and histograms count what this process did. Gauges tell the whole system: before they are
 * rendered, each refresh given to `onCollect` runs, at most once in 5 s and for at most 2 s; where it fails or is slow
 * the last values stay. Labels are names and reasons, never postings.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { createRefresher, type RefresherOptions } from './refresher.ts';
import { ATTEMPT_OUTCOMES, JOB_STATUSES, RECONCILE_REASONS } from './label-sets.ts';

const PREFIX = 'jobhive_';
const SHORT_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const LONG_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800];

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics(options: RefresherOptions = {}) {
  const registry = new Registry();
  const refresher = createRefresher(options);
  return {
    ...declareGauges(registry),
    ...declareCounters(registry),
    ...declareHistograms(registry),
    contentType: registry.contentType,
    /** Registers what brings the gauges up to date before they are rendered. */
    onCollect: refresher.add,
    /** The metrics in Prometheus' text form. Never rejects for a refresh that failed. */
    async render(): Promise<string> {
      await refresher.run();
      return registry.metrics();
    },
  };
}

function declareGauges(registry: Registry) {
  const gauge = (name: string, help: string) => new Gauge({ name: PREFIX + name, help, registers: [registry] });
  return {
    queueDepth: gauge('queue_depth', 'Jobs ready for a worker'),
    queueDelayed: gauge('queue_delayed', 'Jobs that wait for the time of their retry'),
    oldestWaitingSeconds: gauge(
      'oldest_waiting_seconds',
      'How long the oldest ready job has waited, 0 when none waits',
    ),
    workersActive: gauge('workers_active', 'Workers whose heartbeat is younger than the lease'),
    queuePaused: gauge('queue_paused', '1 while the queue is paused, else 0'),
    backlogSecondsPerWorker: gauge(
      'backlog_seconds_per_worker',
      'Seconds of work that wait, for each slot of the living workers (as if one lived where none does): scale workers by it',
    ),
    noticesPending: gauge(
      'notices_pending',
      'Notices that should have been delivered by now; counted no further than 10000',
    ),
    deadLetters: gauge('dead_letters', 'Jobs that failed for good'),
    slotsFree: gauge('slots_free', 'Jobs that the living workers could take now beside those in hand'),
    redisUp: gauge('redis_up', '1 where Redis answers, else 0'),
    postgresUp: gauge('postgres_up', '1 where Postgres answers, else 0'),
  };
}

function declareCounters(registry: Registry) {
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name: PREFIX + name, help, labelNames, registers: [registry] });
  const counters = {
    jobsTotal: counter('jobs_total', 'Jobs that reached this status', ['status']),
    attemptsTotal: counter('attempts_total', 'Attempts that ended this way', ['outcome']),
    staleClaimsTotal: counter('stale_claims_total', 'Writes refused because the claim was lost'),
    reconciledTotal: counter('reconciled_total', 'Differences between the stores that were repaired', ['reason']),
    pollsTotal: counter('polls_total', 'Polls of a source', ['source', 'outcome']),
    postingsTotal: counter('postings_total', 'Postings of a source', ['source', 'kind']),
  };
  for (const status of JOB_STATUSES) counters.jobsTotal.inc({ status }, 0);
  for (const outcome of ATTEMPT_OUTCOMES) counters.attemptsTotal.inc({ outcome }, 0);
  for (const reason of RECONCILE_REASONS) counters.reconciledTotal.inc({ reason }, 0);
  return counters;
}

function declareHistograms(registry: Registry) {
  const histogram = <L extends string>(name: string, help: string, buckets: number[], labelNames: readonly L[] = []) =>
    new Histogram<L>({ name: PREFIX + name, help, buckets, labelNames, registers: [registry] });
  return {
    attemptDurationSeconds: histogram('attempt_duration_seconds', 'From claim to settle', LONG_BUCKETS_S),
    stageDurationSeconds: histogram('stage_duration_seconds', 'One run of a stage', LONG_BUCKETS_S, ['stage']),
    enqueueDurationSeconds: histogram('enqueue_duration_seconds', 'One enqueue, record and push', SHORT_BUCKETS_S),
    pickupLatencySeconds: histogram('pickup_latency_seconds', 'From ready to claimed', SHORT_BUCKETS_S),
  };
}
