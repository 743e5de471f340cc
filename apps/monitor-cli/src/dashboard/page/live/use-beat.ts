// A number that grows when something has changed on the server, at most once in `leastMs`: lists that ask again on it are fresh
// without asking while nothing happens or nobody looks.
import { useEffect, useState } from 'preact/hooks';
import { status } from './live-status.ts';

export function useBeat(leastMs: number): number {
  const [beat, setBeat] = useState(0);
  useEffect(() => {
    let last = Date.now();
    let timer: number | undefined;
    let missed = false;
    const strike = (): void => {
      timer = undefined;
      last = Date.now();
      missed = document.hidden;
      if (!missed) setBeat((count) => count + 1);
    };
    const changed = (): void => {
      timer ??= window.setTimeout(strike, Math.max(0, last + leastMs - Date.now()));
    };
    const seen = (): void => void (missed && strike());
    const end = status.subscribe(changed);
    document.addEventListener('visibilitychange', seen);
    return () => {
      end();
      document.removeEventListener('visibilitychange', seen);
      window.clearTimeout(timer);
    };
  }, [leastMs]);
  return beat;
}
