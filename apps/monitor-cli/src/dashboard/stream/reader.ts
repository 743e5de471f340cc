// One who reads /api/events. Beyond what its connection holds nothing is kept for it but the newest frame, so that a slow
// reader skips what it missed; one that takes nothing at all for a while is cut off. It never makes anybody else wait.
import type { Clock } from '@jobhive/config';

/** The part of a response that is written to. */
export interface Sink {
  write(bytes: Buffer): boolean;
  end(): void;
  destroy(): void;
  on(event: 'drain' | 'close' | 'error', listener: () => void): unknown;
}

export interface Reader {
  /** The newest state; takes the place of one that still waits. */
  offer(frame: Buffer): void;
  /** Looks after the connection: a beat where it was silent for long, an end where it is stuck. */
  tend(): void;
  end(): void;
}

export interface Patience {
  /** Silence after which a beat is sent. */
  readonly silenceMs: number;
  /** How long a reader may take nothing. */
  readonly stuckMs: number;
}

export interface ReaderParts extends Patience {
  readonly sink: Sink;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly beat: Buffer;
  readonly onGone: () => void;
}

export function createReader({ sink, clock, beat, silenceMs, stuckMs, onGone }: ReaderParts): Reader {
  let wroteMs = clock.monotonicMs();
  let full = false;
  let waiting: Buffer | undefined;
  const send = (frame: Buffer): void => {
    wroteMs = clock.monotonicMs();
    full = !sink.write(frame);
  };
  sink.on('drain', () => {
    full = false;
    const frame = waiting;
    waiting = undefined;
    if (frame !== undefined) send(frame);
  });
  sink.on('close', onGone);
  sink.on('error', onGone); // the other side went: there is nobody to tell
  return {
    offer: (frame) => {
      if (full) waiting = frame;
      else send(frame);
    },
    tend: () => {
      const silentMs = clock.monotonicMs() - wroteMs;
      if (full && silentMs >= stuckMs) sink.destroy();
      else if (!full && silentMs >= silenceMs) send(beat);
    },
    end: () => sink.end(),
  };
}
