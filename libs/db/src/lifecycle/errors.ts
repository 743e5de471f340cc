// What libs/db throws: a closed list, each with a code and what to do next. The expected outcome of a race is a value of
// the transition's answer, not an error; StaleClaimError is thrown by those who act on such an answer.

export type DatabaseErrorCode =
  | 'stale_claim'
  | 'job_not_found'
  | 'wrong_status'
  | 'rate_limited'
  | 'postgres_away'
  | 'postgres_denied'
  | 'not_migrated';

export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;
  /** Exit code of a program that ends by it. */
  readonly exitCode = 1;

  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The claim's token no longer holds the row: somebody else has, or had, the job. Stop, and write nothing more. */
export class StaleClaimError extends DatabaseError {
  readonly jobId: string;

  constructor(jobId: string) {
    super('stale_claim', `the claim on job ${jobId} is no longer held; its work was taken over or ended`);
    this.jobId = jobId;
  }
}

export class JobNotFoundError extends DatabaseError {
  constructor(jobIds: readonly string[]) {
    super('job_not_found', `no such job: ${jobIds.join(', ')} (see \`monitor-cli jobs\` for those on record)`);
  }
}

/** The job's status does not allow what was asked. The message names the command that does. */
export class WrongStatusError extends DatabaseError {
  constructor(message: string) {
    super('wrong_status', message);
  }
}

export class RateLimitedError extends DatabaseError {
  readonly retryAfterSeconds: number;

  constructor(limitPerMinute: number, retryAfterSeconds: number) {
    super(
      'rate_limited',
      `the enqueue budget of ${String(limitPerMinute)} jobs a minute is used up; ask again in ${String(retryAfterSeconds)} s or raise ENQUEUE_RATE_LIMIT`,
    );
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Postgres gives no answer. Nothing is known of what was asked; each transition can be asked again. */
export class PostgresAwayError extends DatabaseError {
  constructor(cause: unknown, where: string) {
    super('postgres_away', `Postgres at ${where} is away; start it or correct DATABASE_URL`, { cause });
  }
}

export class PostgresDeniedError extends DatabaseError {
  constructor(cause: unknown, where: string) {
    super(
      'postgres_denied',
      `Postgres at ${where} refused the user, the password or the database; correct DATABASE_URL`,
      {
        cause,
      },
    );
  }
}

export class NotMigratedError extends DatabaseError {
  constructor(cause?: unknown) {
    super('not_migrated', 'the database is not migrated; run `monitor-cli migrate` first', { cause });
  }
}
