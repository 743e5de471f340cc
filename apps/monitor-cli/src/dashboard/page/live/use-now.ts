// The server's time, once a second for all who show how long ago something was.
import { useEffect, useState } from 'preact/hooks';
import { serverNow } from '../api/server-clock.ts';
import { createStore, useStore } from '../store.ts';

const now = createStore(serverNow());
let watchers = 0;
let timer: number | undefined;

export function useNow(): Date {
  useEffect(() => {
    watchers += 1;
    timer ??= window.setInterval(() => now.set(serverNow()), 1000);
    return () => {
      watchers -= 1;
      if (watchers > 0) return;
      window.clearInterval(timer);
      timer = undefined;
    };
  }, []);
  return useStore(now);
}

/** True every `everyMs`, by a number that grows, while the page is seen. */
export function useInterval(everyMs: number): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const ticking = window.setInterval(() => {
      if (!document.hidden) setCount((before) => before + 1);
    }, everyMs);
    return () => window.clearInterval(ticking);
  }, [everyMs]);
  return count;
}
