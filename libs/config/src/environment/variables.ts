/**
 * The table of the environment, as the contract has it: each variable once, with its default, its unit, whether its
 * value is a secret, and what it allows. Nothing else in the house knows a variable's name or default. What a value
 * means is not decided here.
 */
import { DATABASE_URL_ALLOWED, parseDatabaseUrl } from './database-url.ts';
import { parseRedisUrl, REDIS_URL_ALLOWED } from './redis-target.ts';
import * as values from './values.ts';
import { kind, type Kind } from './values.ts';

export interface Variable<T, D extends string | undefined = string | undefined> extends Kind<T> {
  readonly name: string;
  /** In the text form of the environment. */
  readonly default: D;
  readonly unit?: string;
  /** Whether its value must not be shown. */
  readonly secret: boolean;
}

interface Detail {
  readonly unit?: string;
  readonly secret?: boolean;
}

function variable<T, const D extends string | undefined>(
  name: string,
  allowed: Kind<T>,
  defaultText: D,
  detail: Detail = {},
): Variable<T, D> {
  return { name, default: defaultText, secret: false, ...detail, ...allowed };
}

const SECRET = { secret: true } as const;
const SECONDS = { unit: 'seconds' } as const;

const redisUrl = kind(REDIS_URL_ALLOWED, parseRedisUrl);
const databaseUrl = kind(DATABASE_URL_ALLOWED, parseDatabaseUrl);
const hostName = values.textLike('a host name or an address', /^[^\s/@?#]+$/);
const workerName = values.textLike(
  'a name of 1 to 200 visible characters',
  /^(?! )[^\p{C}\p{Zl}\p{Zp}]{1,200}(?<! )$/u,
);

export const variables = {
  // Without a default of its own: where it is unset, the five below make the address.
  redisUrl: variable('REDIS_URL', redisUrl, undefined, SECRET),
  redisHost: variable('REDIS_HOST', hostName, 'localhost'),
  redisPort: variable('REDIS_PORT', values.port, '6379'),
  redisDb: variable('REDIS_DB', values.wholeNumber(0), '0'),
  redisUsername: variable('REDIS_USERNAME', values.anyText, undefined),
  redisPassword: variable('REDIS_PASSWORD', values.anyText, undefined, SECRET),
  database: variable('DATABASE_URL', databaseUrl, 'postgres://postgres@localhost:5432/jobhive', SECRET),

  queueName: variable('RQ_QUEUE_NAME', values.queueName, 'job_processing_queue'),
  failedQueueName: variable('RQ_FAILED_QUEUE', values.queueName, 'failed_jobs'),
  jobTimeoutSeconds: variable('RQ_JOB_TIMEOUT', values.seconds(1), '600', SECONDS),
  resultTtlSeconds: variable('RQ_RESULT_TTL', values.seconds(0), '86400', SECONDS),
  maxRetries: variable('RQ_MAX_RETRIES', values.wholeNumber(0), '3'),
  retryDelaysSeconds: variable('RQ_RETRY_DELAYS', values.secondsList, '5,15,45', SECONDS),

  workerName: variable('WORKER_NAME', workerName, undefined),
  workerConcurrency: variable('WORKER_CONCURRENCY', values.wholeNumber(1), '1'),
  leaseSeconds: variable('WORKER_LEASE', values.seconds(1), '30', SECONDS),
  shutdownGraceSeconds: variable('SHUTDOWN_GRACE', values.seconds(0), '30', SECONDS),
  /** Not ours: when the container is killed. docker/compose.yaml reads it, and `doctor` compares it with the grace. */
  stopGracePeriod: variable('STOP_GRACE_PERIOD', values.anyText, undefined),
  pipelineModule: variable('PIPELINE_MODULE', values.anyText, undefined),
  profileFile: variable('PROFILE_FILE', values.anyText, undefined),
  outputDir: variable('OUTPUT_DIR', values.anyText, 'output'),

  autoEnqueue: variable('ENABLE_AUTO_ENQUEUE', values.boolean, 'false'),
  pollSources: variable('POLL_SOURCES', values.sourceList, undefined),
  pollIntervalSeconds: variable('POLL_INTERVAL', values.seconds(1), '300', SECONDS),
  greenhouseBaseUrl: variable('GREENHOUSE_BASE_URL', values.httpAddress('base'), 'https://boards-api.greenhouse.io'),
  leverBaseUrl: variable('LEVER_BASE_URL', values.httpAddress('base'), 'https://api.lever.co'),
  ashbyBaseUrl: variable('ASHBY_BASE_URL', values.httpAddress('base'), 'https://api.ashbyhq.com'),
  linkedinBaseUrl: variable('LINKEDIN_BASE_URL', values.httpAddress('base'), 'https://www.linkedin.com'),
  enqueueRateLimit: variable('ENQUEUE_RATE_LIMIT', values.wholeNumber(0), '6000', { unit: 'jobs a minute' }),

  opsPort: variable('OPS_PORT', values.port, undefined),
  dashboardHost: variable('DASHBOARD_HOST', hostName, '127.0.0.1'),
  dashboardPort: variable('DASHBOARD_PORT', values.port, '9181'),
  operatorToken: variable('OPERATOR_TOKEN', values.tokenText, undefined, SECRET),
  viewerToken: variable('VIEWER_TOKEN', values.tokenText, undefined, SECRET),
  notifyWebhookUrl: variable('NOTIFY_WEBHOOK_URL', values.httpAddress('whole'), undefined, SECRET),
  notifyWebhookSecret: variable('NOTIFY_WEBHOOK_SECRET', values.anyText, undefined, SECRET),

  llmBaseUrl: variable('LLM_BASE_URL', values.httpAddress('base'), undefined),
  llmModel: variable('LLM_MODEL', values.anyText, undefined),
  llmApiKey: variable('LLM_API_KEY', values.tokenText, undefined, SECRET),

  logLevel: variable('LOG_LEVEL', values.oneOf('error', 'warn', 'info', 'debug'), 'info'),
  logFormat: variable('LOG_FORMAT', values.oneOf('text', 'json'), undefined),
} as const;
