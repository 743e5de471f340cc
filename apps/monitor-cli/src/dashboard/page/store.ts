// A value that components follow: set it, and whoever uses it is rendered again. Setting the same value tells nobody.
import { useEffect, useState } from 'preact/hooks';

export interface Store<Value> {
  readonly get: () => Value;
  readonly set: (next: Value) => void;
  /** @returns the end of the subscription */
  readonly subscribe: (listener: (value: Value) => void) => () => void;
}

export function createStore<Value>(first: Value): Store<Value> {
  const listeners = new Set<(value: Value) => void>();
  let value = first;
  return {
    get: () => value,
    set: (next) => {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener(value);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export function useStore<Value>(store: Store<Value>): Value {
  const [value, setValue] = useState<Value>(() => store.get());
  useEffect(() => {
    setValue(() => store.get());
    return store.subscribe((next) => setValue(() => next));
  }, [store]);
  return value;
}
