// What stands where there is nothing to show: on its way, empty (with what to do about it), or refused.
import type { ComponentChildren, JSX } from 'preact';
import { wantToken } from '../api/access.ts';
import type { ProblemError } from '../api/problem.ts';

export function Loading({ what }: { readonly what: string }): JSX.Element {
  return (
    <div class="loading" role="status">
      <span class="unseen">Loading {what}</span>
      <span class="bone" aria-hidden="true" />
      <span class="bone" aria-hidden="true" />
      <span class="bone" aria-hidden="true" />
    </div>
  );
}

export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="empty">
      <h3>{title}</h3>
      <p>{children}</p>
    </div>
  );
}

export interface TroubleProps {
  readonly problem: ProblemError;
  /** What could not be shown. */
  readonly what: string;
  readonly onAgain: () => void;
}

export function Trouble({ problem, what, onAgain }: TroubleProps): JSX.Element {
  const { next } = problem;
  return (
    <div class="banner is-bad" role="alert">
      <p>
        <strong>{problem.title}.</strong> {what}: {problem.message}{' '}
        {next === null ? null : <span class="muted">{next}</span>}
      </p>
      {problem.status === 401 || problem.status === 403 ? (
        <button type="button" class="button" onClick={() => wantToken(null)}>
          Enter a token
        </button>
      ) : (
        <button type="button" class="button" onClick={onAgain}>
          Try again
        </button>
      )}
    </div>
  );
}
