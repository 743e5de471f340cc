// What libs/queue throws: a closed list, each with a code, the exit code of a program that ends by it, and what to do next.

export type QueueErrorCode = 'redis_away' | 'redis_denied' | 'worker_name_taken';

export class QueueError extends Error {
  readonly code: QueueErrorCode;
  readonly exitCode = 1;

  constructor(code: QueueErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Redis gives no answer. What was asked may or may not have been done; every script can be asked again. */
export class RedisAwayError extends QueueError {
  constructor(cause: unknown, where: string) {
    super('redis_away', `Redis at ${where} is away; start it or correct REDIS_URL`, { cause });
  }
}

export class RedisDeniedError extends QueueError {
  constructor(cause: unknown, where: string) {
    super('redis_denied', `Redis at ${where} refused the user or the password; correct REDIS_URL`, { cause });
  }
}

/** Another living process beats under this worker's name. */
export class WorkerNameTakenError extends QueueError {
  constructor(name: string) {
    super('worker_name_taken', `a worker named ${name} is alive; choose another --name, or stop that one first`);
  }
}
