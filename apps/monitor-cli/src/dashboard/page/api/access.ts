// The operator's or viewer's token, kept for this tab only, and whether the server wants one. It never goes into an address.
import { createStore } from '../store.ts';

const KEY = 'jobhive.token';

export interface Access {
  readonly token: string | null;
  /** The server refused what we have: ask for a token. */
  readonly wanted: boolean;
  /** Why it is asked for again; null at the first time. */
  readonly reason: string | null;
}

export const access = createStore<Access>({ token: sessionStorage.getItem(KEY), wanted: false, reason: null });

export function keepToken(token: string): void {
  sessionStorage.setItem(KEY, token);
  access.set({ token, wanted: false, reason: null });
}

/** @param reason a sentence, for the dialog */
export function wantToken(reason: string | null): void {
  if (access.get().wanted) return;
  access.set({ ...access.get(), wanted: true, reason });
}

export function leaveToken(): void {
  access.set({ ...access.get(), wanted: false });
}

/** @param used the token that was refused; another one may have been entered since */
export function refused(used: string | null): void {
  if (access.get().token !== used) return;
  wantToken(used === null ? null : 'The server did not accept that token.');
}

export function authorization(token: string | null): Record<string, string> {
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}
