// Puts frames on the terminal: only lines that changed, each at its place, at most four times a second, and nothing at all
// while nothing changes, so that a slow line is not filled. Of frames that come quicker the newest is painted. A new size
// of the window paints all of it again.
import type { Clock } from '@jobhive/config';

const SPACING_MS = 250;
const CLEAR = '\u001b[2J';
const REST_OF_LINE = '\u001b[0m\u001b[K';

const place = (row: number): string => `\u001b[${String(row)};1H`;

/** What has to be written to turn one screen into another. Pure. */
export function difference(shown: readonly string[] | undefined, wanted: readonly string[]): string {
  const lines = Array.from({ length: Math.max(wanted.length, shown?.length ?? 0) }, (_, at) => at);
  const changed = lines
    .filter((at) => shown === undefined || (shown[at] ?? '') !== (wanted[at] ?? ''))
    .map((at) => `${place(at + 1)}${wanted[at] ?? ''}${REST_OF_LINE}`)
    .join('');
  return shown === undefined ? `${CLEAR}${changed}` : changed;
}

export interface Painter {
  show(frame: readonly string[]): void;
  /** The window has another size: what stands there is not known any more. */
  resized(): void;
  stop(): void;
}

export function createPainter(write: (text: string) => void, clock: Pick<Clock, 'monotonicMs'>): Painter {
  let shown: readonly string[] | undefined;
  let wanted: readonly string[] = [];
  let paintedMs = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const paint = (): void => {
    timer = undefined;
    const text = difference(shown, wanted);
    if (text === '') return;
    write(text);
    shown = wanted;
    paintedMs = clock.monotonicMs();
  };
  const schedule = (): void => {
    if (stopped || timer !== undefined) return;
    const waitMs = paintedMs + SPACING_MS - clock.monotonicMs();
    if (waitMs <= 0) paint();
    else timer = setTimeout(paint, Math.ceil(waitMs) + 1); // a timer may be early by a part of a millisecond
  };
  return {
    show: (frame) => {
      wanted = frame;
      schedule();
    },
    resized: () => {
      shown = undefined;
      schedule();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
