// Whether what is on screen is live. Lost, it says so with the reason and when it is tried again; the figures stay, marked as old.
import type { JSX } from 'preact';
import { access, wantToken } from '../api/access.ts';
import type { ProblemError } from '../api/problem.ts';
import { connection, live } from '../live/live-status.ts';
import { useNow } from '../live/use-now.ts';
import { useStore } from '../store.ts';

export function ConnectionPill(): JSX.Element {
  const { kind } = useStore(connection);
  const words = { connecting: 'Connecting', live: 'Live', stalled: 'Waiting', away: 'Disconnected' }[kind];
  return (
    <span class={`pill is-${kind}`} role="status">
      <span class="dot" aria-hidden="true" />
      {words}
    </span>
  );
}

function Countdown({ untilMs }: { readonly untilMs: number }): JSX.Element {
  useNow();
  const seconds = Math.ceil((untilMs - Date.now()) / 1000);
  return <span aria-hidden="true">{seconds > 0 ? ` in ${String(seconds)} s` : ' now'}</span>;
}

function Stalled({ problem }: { readonly problem: ProblemError }): JSX.Element {
  return (
    <div class="banner is-bad" role="alert">
      <p>
        <strong>{problem.title}</strong>
        <span class="muted">
          {' '}
          {problem.message} What you see may be old. {problem.next}
        </span>
      </p>
    </div>
  );
}

/** Below the header, only while there is something to say. */
export function ConnectionBanner(): JSX.Element | null {
  const state = useStore(connection);
  const { wanted } = useStore(access);
  if (state.kind === 'stalled') return <Stalled problem={state.problem} />;
  if (state.kind !== 'away' || wanted) return null;
  const needsToken = state.problem.status === 401;
  return (
    <div class="banner is-bad" role="alert">
      <p>
        <strong>{needsToken ? 'A token is needed.' : 'Disconnected, trying again'}</strong>
        {needsToken ? null : <Countdown untilMs={state.retryAtMs} />}
        <span class="muted"> {state.problem.message} What you see may be old.</span>
      </p>
      {needsToken ? (
        <button type="button" class="button" onClick={() => wantToken(null)}>
          Enter a token
        </button>
      ) : (
        <button type="button" class="button" onClick={live.retryNow}>
          Try now
        </button>
      )}
    </div>
  );
}
