// Do the settings contradict each other? Each alone was checked when the program began; here is what only shows together.
import type { Environment } from '@jobhive/config';
import { isLoopback } from '../../dashboard/access/same-origin.ts';
import type { DoctorFacts } from '../facts.ts';
import { mend, ok, warn, type Finding } from '../finding.ts';

/** Leases are renewed each second; below this a single slow answer of Postgres loses them. */
const LEASE_MEND_SECONDS = 3;
const LEASE_WARN_SECONDS = 5;
const STOP_AFTER_GRACE_SECONDS = 5;
/** Where STOP_GRACE_PERIOD is not set. */
const COMPOSE_STOP_SECONDS = 40;

type Rule = (environment: Environment) => Finding | undefined;

const lease: Rule = ({ leaseSeconds }) => {
  if (leaseSeconds >= LEASE_WARN_SECONDS) return undefined;
  const told = `WORKER_LEASE is ${String(leaseSeconds)} s, and leases are renewed each second: a slow answer of Postgres loses jobs in hand`;
  const cure = 'set WORKER_LEASE to 10 or more';
  return leaseSeconds < LEASE_MEND_SECONDS ? mend('settings.lease', told, cure) : warn('settings.lease', told, cure);
};

const grace: Rule = ({ shutdownGraceSeconds }) =>
  shutdownGraceSeconds > 0
    ? undefined
    : warn(
        'settings.grace',
        'SHUTDOWN_GRACE is 0: each deploy breaks off the jobs in hand',
        'set it to what a job takes, 30 for instance',
      );

const timeoutAndGrace: Rule = ({ jobTimeoutSeconds, shutdownGraceSeconds }) =>
  shutdownGraceSeconds <= jobTimeoutSeconds
    ? undefined
    : warn(
        'settings.grace',
        `SHUTDOWN_GRACE (${String(shutdownGraceSeconds)} s) is longer than a job may take (RQ_JOB_TIMEOUT ${String(jobTimeoutSeconds)} s)`,
        'lower SHUTDOWN_GRACE, and the stop time of the container with it',
      );

/** `1h2m3s` as compose writes it, in seconds; undefined where it is none. */
function composeSeconds(text: string): number | undefined {
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text.trim());
  if (parts === null || text.trim() === '') return undefined;
  const [hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}

/** A worker ends within its grace and 5 s; who is killed before that loses what it has in hand, and an attempt of each. */
const graceAndStopTime: Rule = ({ shutdownGraceSeconds, stopGracePeriod }) => {
  const needSeconds = shutdownGraceSeconds + STOP_AFTER_GRACE_SECONDS;
  const stopSeconds = composeSeconds(stopGracePeriod ?? '');
  const cure = `set STOP_GRACE_PERIOD to ${String(needSeconds)}s or more, or lower SHUTDOWN_GRACE`;
  if (stopSeconds !== undefined && stopSeconds < needSeconds) {
    const told = `Docker kills after ${String(stopSeconds)} s (STOP_GRACE_PERIOD), and a worker may need ${String(needSeconds)} s (SHUTDOWN_GRACE and 5 s)`;
    return mend('settings.stop_time', told, cure);
  }
  if (stopSeconds !== undefined || needSeconds <= COMPOSE_STOP_SECONDS) return undefined;
  const told = `SHUTDOWN_GRACE is ${String(shutdownGraceSeconds)} s: docker/compose.yaml kills after ${String(COMPOSE_STOP_SECONDS)} s, Kubernetes after its terminationGracePeriodSeconds`;
  return warn('settings.stop_time', told, cure);
};

const timeoutAndLease: Rule = ({ jobTimeoutSeconds, leaseSeconds }) =>
  leaseSeconds <= jobTimeoutSeconds
    ? undefined
    : warn(
        'settings.timeout',
        `WORKER_LEASE (${String(leaseSeconds)} s) is longer than an attempt may take (RQ_JOB_TIMEOUT ${String(jobTimeoutSeconds)} s): a lost worker is noticed late`,
        'lower WORKER_LEASE',
      );

const delays: Rule = ({ maxRetries, retryDelaysSeconds }) =>
  retryDelaysSeconds.length <= Math.max(1, maxRetries)
    ? undefined
    : warn(
        'settings.retries',
        `RQ_RETRY_DELAYS has ${String(retryDelaysSeconds.length)} delays, and RQ_MAX_RETRIES is ${String(maxRetries)}: the last ones are never used`,
        'make both the same number',
      );

const dashboard: Rule = ({ dashboardHost, operatorToken, viewerToken }) =>
  isLoopback(dashboardHost) || operatorToken !== undefined || viewerToken !== undefined
    ? undefined
    : mend(
        'settings.dashboard',
        `DASHBOARD_HOST is ${dashboardHost} and no token is set: the dashboard does not start`,
        'set OPERATOR_TOKEN, or keep it on 127.0.0.1',
      );

const tokens: Rule = ({ operatorToken, viewerToken }) =>
  operatorToken === undefined || operatorToken !== viewerToken
    ? undefined
    : mend('settings.tokens', 'OPERATOR_TOKEN and VIEWER_TOKEN are the same: who may read may write', 'choose two');

const webhook: Rule = ({ notifyWebhookUrl, notifyWebhookSecret }) => {
  if ((notifyWebhookUrl === undefined) === (notifyWebhookSecret === undefined)) return undefined;
  return notifyWebhookSecret === undefined
    ? warn('settings.webhook', 'notices are sent without a signature', 'set NOTIFY_WEBHOOK_SECRET')
    : warn('settings.webhook', 'NOTIFY_WEBHOOK_SECRET is set, and no address to send to', 'set NOTIFY_WEBHOOK_URL');
};

const RULES: readonly Rule[] = [
  lease,
  grace,
  graceAndStopTime,
  timeoutAndGrace,
  timeoutAndLease,
  delays,
  dashboard,
  tokens,
  webhook,
];

export function checkSettings({ environment }: DoctorFacts): readonly Finding[] {
  const findings = RULES.flatMap((rule) => rule(environment) ?? []);
  return findings.length === 0 ? [ok('settings', 'they do not contradict each other')] : findings;
}
