// Asks for a token when the server wants one. It is kept for this tab only, and can be left: what needs no token still works.
import type { JSX, TargetedSubmitEvent } from 'preact';
import { access, keepToken, leaveToken } from '../api/access.ts';
import { Dialog } from '../parts/dialog.tsx';
import { useStore } from '../store.ts';

function submit(event: TargetedSubmitEvent<HTMLFormElement>): void {
  event.preventDefault();
  const entered = new FormData(event.currentTarget).get('token');
  const token = typeof entered === 'string' ? entered.trim() : '';
  if (token !== '') keepToken(token);
}

export function TokenDialog(): JSX.Element | null {
  const { wanted, reason } = useStore(access);
  if (!wanted) return null;
  return (
    <Dialog label="Enter a token" onLeave={leaveToken}>
      <form onSubmit={submit}>
        <h2>Enter a token</h2>
        <p>
          {reason ?? 'This dashboard is protected.'} <code>VIEWER_TOKEN</code> may read, <code>OPERATOR_TOKEN</code> may
          change things too. It is kept for this tab only.
        </p>
        <label class="field">
          <span>Token</span>
          <input name="token" type="password" autocomplete="off" spellcheck={false} required autofocus />
        </label>
        <div class="dialog-ends">
          <button type="button" class="button" onClick={leaveToken}>
            Not now
          </button>
          <button type="submit" class="button is-primary">
            Use this token
          </button>
        </div>
      </form>
    </Dialog>
  );
}
