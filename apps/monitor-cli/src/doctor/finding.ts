// What a check found. `ok`: nothing to do. `warn`: it works, but not as well or as safely as it should. `mend`: something
// does not work, or will lose work; only this makes `doctor` exit with 1.

export type Severity = 'ok' | 'warn' | 'mend';

export interface Finding {
  readonly check: string;
  readonly severity: Severity;
  /** What was found. */
  readonly message: string;
  /** What to do about it; null where there is nothing to do. */
  readonly mend: string | null;
}

export const ok = (check: string, message: string): Finding => ({ check, severity: 'ok', message, mend: null });
export const warn = (check: string, message: string, mend: string): Finding => ({
  check,
  severity: 'warn',
  message,
  mend,
});
export const mend = (check: string, message: string, cure: string): Finding => ({
  check,
  severity: 'mend',
  message,
  mend: cure,
});
