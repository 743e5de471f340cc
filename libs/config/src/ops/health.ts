/**
 * Ready or not: every check is asked at once and has 2 s. A check that fails or is late makes the whole not ready. What
 * is told of a failure is its name and code, never its message, which may hold an address with a password.
 */
import { describeError } from '../log/describe-error.ts';
import { withDeadline } from '../time/deadline.ts';

const BOUND_MS = 2_000;

export interface HealthCheck {
  readonly name: string;
  /** Resolves where all is well, rejects where not. */
  check(): Promise<void>;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly reason?: string }[];
}

export async function checkReadiness(checks: readonly HealthCheck[], boundMs = BOUND_MS): Promise<Readiness> {
  const answers = await Promise.all(checks.map((check) => runCheck(check, boundMs)));
  return { ready: answers.every((answer) => answer.ok), checks: answers };
}

async function runCheck(asked: HealthCheck, boundMs: number): Promise<Readiness['checks'][number]> {
  const { name } = asked;
  try {
    await withDeadline(
      Promise.resolve().then(() => asked.check()),
      boundMs,
      `the check of ${name}`,
    );
    return { name, ok: true };
  } catch (error) {
    const { error_name, error_code } = describeError(error);
    return { name, ok: false, reason: error_code ?? error_name };
  }
}
