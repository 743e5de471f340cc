// The one value that `top` shows, and who is told when it changes.
import type { Seen, State } from './state.ts';

export interface Store {
  readonly state: () => State;
  set(change: Partial<State>): void;
  see(seen: Partial<Seen>): void;
  readonly subscribe: (listener: () => void) => () => void;
}

export function createStore(initial: State): Store {
  let state = initial;
  const listeners = new Set<() => void>();
  const set = (change: Partial<State>): void => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };
  return {
    state: () => state,
    set,
    see: (seen) => set({ seen: { ...state.seen, ...seen } }),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
