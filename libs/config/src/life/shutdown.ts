/**
 * Signals become one AbortSignal: the first SIGTERM or SIGINT asks everything to stop in order. A second one forces the
 * end, but only if it comes 1 s or more after the first: npm hands every Ctrl-C on, so that it arrives twice. The reader of
 * stdout who goes asks for the end too, and the reason tells the two apart: what nobody reads any more is done, what a
 * signal cut short may not be.
 */
import type { Clock } from '../time/clock.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const FORCE_AFTER_MS = 1_000;

/** Why the shutdown signal was aborted: somebody asked for the end; no failure of itself. */
export class ShutdownRequested extends Error {
  override readonly name = 'ShutdownRequested';
  readonly code = 'shutdown';
  /** Whoever read the answer has all he wants (`| head`); else it was a signal. */
  readonly readerWent: boolean;

  constructor(by: string, { readerWent = false }: { readonly readerWent?: boolean } = {}) {
    super(`asked to stop by ${by}`);
    this.readerWent = readerWent;
  }
}

export interface Shutdown {
  readonly signal: AbortSignal;
  /** Asks for an orderly end, since nobody reads stdout any more. */
  readerWent(): void;
}

/** Listens for the rest of the process's life; `force` is told which signal would not wait. */
export function listenForShutdown(
  process: NodeJS.EventEmitter,
  clock: Clock,
  force: (signal: string) => void,
): Shutdown {
  const controller = new AbortController();
  let firstMs: number | undefined;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      const nowMs = clock.monotonicMs();
      if (firstMs !== undefined && nowMs - firstMs >= FORCE_AFTER_MS) return force(signal);
      firstMs ??= nowMs;
      controller.abort(new ShutdownRequested(signal));
    });
  }
  return {
    signal: controller.signal,
    readerWent: () => controller.abort(new ShutdownRequested('the reader of stdout, who went', { readerWent: true })),
  };
}
