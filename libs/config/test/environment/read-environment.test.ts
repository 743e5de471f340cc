import { describe, expect, it } from 'vitest';
import { ConfigurationError, readEnvironment, variables } from '../../src/index.ts';

/** The problems of an environment; empty where it is right. */
function problemsOf(source: NodeJS.ProcessEnv): readonly string[] {
  try {
    readEnvironment(source);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

describe('an empty environment', () => {
  const defaults = {
    redis: {
      kind: 'single',
      host: 'localhost',
      port: 6379,
      db: 0,
      username: undefined,
      password: undefined,
      tls: false,
    },
    databaseUrl: 'postgres://postgres@localhost:5432/jobhive',
    pgbouncer: false,
    queueName: 'job_processing_queue',
    failedQueueName: 'failed_jobs',
    jobTimeoutSeconds: 600,
    resultTtlSeconds: 86_400,
    maxRetries: 3,
    retryDelaysSeconds: [5, 15, 45],
    workerName: undefined,
    workerConcurrency: 1,
    leaseSeconds: 30,
    shutdownGraceSeconds: 30,
    stopGracePeriod: undefined,
    pipelineModule: undefined,
    profileFile: undefined,
    outputDir: 'output',
    autoEnqueue: false,
    pollSources: undefined,
    pollIntervalSeconds: 300,
    greenhouseBaseUrl: 'https://boards-api.greenhouse.io',
    leverBaseUrl: 'https://api.lever.co',
    ashbyBaseUrl: 'https://api.ashbyhq.com',
    linkedinBaseUrl: 'https://www.linkedin.com',
    enqueueRateLimit: 6_000,
    opsPort: undefined,
    dashboardHost: '127.0.0.1',
    dashboardPort: 9_181,
    operatorToken: undefined,
    viewerToken: undefined,
    notifyWebhookUrl: undefined,
    notifyWebhookSecret: undefined,
    llm: undefined,
    logLevel: 'info',
    logFormat: undefined,
  };

  it('has the defaults of the contract', () => {
    expect(readEnvironment({})).toStrictEqual(defaults);
  });

  it('is the same as one in which every variable is empty', () => {
    const empty = Object.fromEntries(Object.values(variables).map(({ name }) => [name, '']));
    expect(readEnvironment(empty)).toStrictEqual(defaults);
  });
});

describe('what is set', () => {
  it('comes typed', () => {
    const environment = readEnvironment({
      RQ_RETRY_DELAYS: '0, 0.25,3',
      ENABLE_AUTO_ENQUEUE: 'true',
      POLL_SOURCES: 'file:a b.json, greenhouse:acme',
      GREENHOUSE_BASE_URL: 'http://127.0.0.1:8080/',
      OPS_PORT: '9000',
      LLM_BASE_URL: 'https://llm.example/v1',
      LLM_MODEL: 'small',
      LLM_API_KEY: 'sk-1',
      LOG_FORMAT: 'json',
      WORKER_NAME: 'host 7 – ä',
    });
    expect(environment).toMatchObject({
      retryDelaysSeconds: [0, 0.25, 3],
      autoEnqueue: true,
      pollSources: ['file:a b.json', 'greenhouse:acme'],
      greenhouseBaseUrl: 'http://127.0.0.1:8080',
      opsPort: 9_000,
      llm: { baseUrl: 'https://llm.example/v1', model: 'small', apiKey: 'sk-1' },
      logFormat: 'json',
      workerName: 'host 7 – ä',
    });
  });

  it('makes the Redis address of its parts where there is no REDIS_URL, which else wins', () => {
    const parts = { REDIS_HOST: 'r', REDIS_PORT: '1', REDIS_DB: '2', REDIS_USERNAME: 'u', REDIS_PASSWORD: 'p@/' };
    const single = { kind: 'single', tls: false };
    expect(readEnvironment(parts).redis).toEqual({
      ...single,
      host: 'r',
      port: 1,
      db: 2,
      username: 'u',
      password: 'p@/',
    });
    expect(readEnvironment({ ...parts, REDIS_URL: 'redis://other' }).redis).toEqual({
      ...single,
      host: 'other',
      port: 6379,
      db: 0,
      username: undefined,
      password: undefined,
    });
  });
});

describe('a wrong value', () => {
  const wrong: readonly (readonly [string, string])[] = [
    ...['abc', '0', '65536', '1e3', ' 5', '5 ', '+5', '-1', '0x10', '10abc', '5.0', '٣'].map(
      (text) => ['REDIS_PORT', text] as const,
    ),
    ['REDIS_DB', '-1'],
    ['REDIS_DB', '99999999999'],
    ['REDIS_HOST', 'redis://host'],
    ['RQ_QUEUE_NAME', 'a b'],
    ['RQ_FAILED_QUEUE', 'a:b'],
    ['RQ_JOB_TIMEOUT', '0'],
    ['RQ_JOB_TIMEOUT', '2147484'],
    ['RQ_RESULT_TTL', '-1'],
    ['RQ_MAX_RETRIES', '1.5'],
    ...['5,,15', '5,', ',', 'a', '5,-1', '1e3', '2147484', '.5', 'Infinity', '5;15'].map(
      (text) => ['RQ_RETRY_DELAYS', text] as const,
    ),
    ['WORKER_NAME', ' '],
    ['WORKER_NAME', 'a\nb'],
    ['WORKER_CONCURRENCY', '0'],
    ['WORKER_LEASE', '0'],
    ['SHUTDOWN_GRACE', '-1'],
    ['ENABLE_AUTO_ENQUEUE', 'yes'],
    ['ENABLE_AUTO_ENQUEUE', 'TRUE'],
    ['POLL_SOURCES', 'file:a,,file:b'],
    ['POLL_INTERVAL', '0'],
    ['GREENHOUSE_BASE_URL', 'ftp://host'],
    ['LEVER_BASE_URL', 'https://host?x=1'],
    ['ASHBY_BASE_URL', 'host'],
    ['LINKEDIN_BASE_URL', 'https://host:99999'],
    ['ENQUEUE_RATE_LIMIT', '-1'],
    ['OPS_PORT', '0'],
    ['DASHBOARD_HOST', 'a b'],
    ['DASHBOARD_PORT', '70000'],
    ['LOG_LEVEL', 'verbose'],
    ['LOG_FORMAT', 'xml'],
  ];

  it.each(wrong)('in %s: %j is told, with what is allowed', (name, text) => {
    const [problem, ...more] = problemsOf({ [name]: text });
    expect(more).toEqual([]);
    expect(problem).toContain(`${name} is ${JSON.stringify(text)}: `);
    expect(problem).toMatch(/ (is|are) allowed$/);
    expect(problem).not.toContain('\n');
  });

  it('is told in these words', () => {
    expect(problemsOf({ REDIS_PORT: 'abc' })).toEqual([
      'REDIS_PORT is "abc": a whole number from 1 to 65535 is allowed',
    ]);
    expect(problemsOf({ WORKER_CONCURRENCY: '0' })).toEqual([
      'WORKER_CONCURRENCY is "0": a whole number of at least 1 is allowed',
    ]);
  });

  const secrets: readonly (readonly [string, string])[] = [
    ['REDIS_URL', 'http://user:hunter2@host'],
    ['DATABASE_URL', 'mysql://user:hunter2@host/db'],
    ['NOTIFY_WEBHOOK_URL', 'hunter2'],
    ['OPERATOR_TOKEN', 'hunter2 hunter2'],
    ['VIEWER_TOKEN', 'hunter2\t'],
  ];

  it.each(secrets)('of %s is never shown', (name, text) => {
    const [problem, ...more] = problemsOf({ [name]: text });
    expect(more).toEqual([]);
    expect(problem).toContain(`${name} has a wrong value (not shown): `);
    expect(problem).not.toContain('hunter2');
  });

  it('is shown without the credentials of an address, and cut where it is long', () => {
    expect(problemsOf({ LEVER_BASE_URL: 'https://me:hunter2@host' })[0]).toContain('"https://[secret]@host"');
    expect(problemsOf({ LOG_LEVEL: 'x'.repeat(5_000) })[0]?.length).toBeLessThan(200);
  });

  it('does not hide another: all are told at once', () => {
    const problems = problemsOf({ REDIS_PORT: 'x', LOG_LEVEL: 'x', REDIS_URL: 'x', LLM_MODEL: 'm' });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'REDIS_URL',
      'REDIS_PORT',
      'LOG_LEVEL',
      'LLM_BASE_URL',
      'LLM_API_KEY',
    ]);
  });
});

it('takes all three variables of the language model, or none', () => {
  expect(problemsOf({ LLM_MODEL: 'm', LLM_API_KEY: 'k' })).toEqual([
    'LLM_BASE_URL is not set: all of LLM_BASE_URL, LLM_MODEL, LLM_API_KEY, or none, is allowed',
  ]);
});

it('holds each variable once, each with a default that is allowed', () => {
  const table = Object.values(variables);
  expect(new Set(table.map(({ name }) => name)).size).toBe(table.length);
  for (const { default: text, schema } of table) {
    if (text !== undefined) expect(schema.safeParse(text).success).toBe(true);
  }
});

it('reads the environment of the process where it is given none', () => {
  expect(readEnvironment().queueName).toBe(process.env['RQ_QUEUE_NAME'] || 'job_processing_queue');
});
