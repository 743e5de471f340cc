// A bar on stderr for work that takes a while, only where stderr is a terminal; it redraws at most ten times a second and
// is gone when the work ends, so that nothing of it stands beside the answer.
import type { Progress } from '@jobhive/queue';

export interface ProgressBar {
  readonly show: (progress: Progress) => void;
  end(): void;
}

const REDRAW_MS = 100;
const BAR_COLUMNS = 24;

/** Pure: one line. */
export function barLine(what: string, { done, total }: Progress): string {
  if (total === null) return `${what} ${String(done)}`;
  const part = total === 0 ? 1 : Math.min(1, done / total);
  const full = Math.round(part * BAR_COLUMNS);
  const bar = `${'█'.repeat(full)}${'░'.repeat(BAR_COLUMNS - full)}`;
  return `${what} ${bar} ${String(Math.floor(part * 100))} % (${String(done)} of ${String(total)})`;
}

/** @param monotonicMs clock for the redraws */
export function progressBar(what: string, stream: NodeJS.WritableStream, monotonicMs: () => number): ProgressBar {
  if (!('isTTY' in stream && stream.isTTY === true)) return { show: () => undefined, end: () => undefined };
  let drawnMs = -Infinity;
  let drawn = false;
  return {
    show: (progress) => {
      if (monotonicMs() - drawnMs < REDRAW_MS) return;
      drawnMs = monotonicMs();
      drawn = true;
      stream.write(`\r\u001b[2K${barLine(what, progress)}`);
    },
    end: () => {
      if (drawn) stream.write('\r\u001b[2K');
      drawn = false;
    },
  };
}
