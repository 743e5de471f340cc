// The one source of /api/events: while somebody reads, one loop looks at the queue for all of them, and what is new is made
// into bytes once. Without a reader it asks the stores nothing. A store that goes away is told once; the loop goes on, and
// so do the readers. A reader who comes gets the state at once.
import { createSleeper, type Clock, type Sleeper } from '@jobhive/config';
import type { StatusDocument } from '@jobhive/queue';
import { HttpProblem, toProblem } from '../problem.ts';
import { BEAT, contentOf, movementOf, problemFrame, statusFrame } from './frames.ts';
import { AWAY_WAIT_MS, FIRST_WAIT_MS, nextWaitMs } from './pace.ts';
import { createReader, type Patience, type Reader, type Sink } from './reader.ts';

/** The newest frame, and what it was made of. */
export interface State {
  readonly frame: Buffer;
  readonly content: string;
  readonly movement: string;
  readonly away: boolean;
}

export interface Feed {
  /** What a stream begins with. @throws what the status throws, and HttpProblem 503 where too many read already */
  first(): Promise<State>;
  /** Adds a reader; it leaves by itself when its connection ends. */
  join(sink: Sink, first: State): void;
  readonly readers: number;
  /** Ends every stream. */
  stop(): Promise<void>;
}

export interface FeedParts {
  readonly status: () => Promise<StatusDocument>;
  readonly clock: Clock;
  /** Told of what no store's absence explains. */
  readonly onUnexpected: (error: unknown) => void;
  readonly patience?: Partial<Patience> | undefined;
}

export const READERS_MAX = 5000;
const PATIENCE: Patience = { silenceMs: 10_000, stuckMs: 30_000 };
const TEND_MS = 1000;

function stateOf(document: StatusDocument): State {
  const [content, movement] = [contentOf(document), movementOf(document)];
  return { frame: statusFrame(document), content, movement, away: false };
}

/** Whoever asks while it is being asked gets the same answer. */
function sharing<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => (asked ??= ask().finally(() => (asked = undefined)));
}

/** What is known of the queue now, and who is told. */
interface Telling {
  newest: State | undefined;
  readonly current: () => Promise<State>;
  readonly tell: (frame: Buffer) => void;
}

type Watch = Pick<FeedParts, 'clock' | 'onUnexpected'>;

function awayState(error: unknown, onUnexpected: FeedParts['onUnexpected']): State {
  const { problem, unexpected } = toProblem(error);
  if (unexpected) onUnexpected(error);
  const words = JSON.stringify(problem);
  return { frame: problemFrame(problem), content: words, movement: words, away: true };
}

/** Looks once, and tells what is new. @returns the wait before the next look */
async function look(telling: Telling, lastMs: number, { clock, onUnexpected }: Watch): Promise<number> {
  const from = clock.monotonicMs();
  const before = telling.newest;
  const state = await telling.current().catch((error: unknown) => awayState(error, onUnexpected));
  telling.newest = state;
  if (state.content !== before?.content) telling.tell(state.frame);
  if (state.away) return AWAY_WAIT_MS;
  return nextWaitMs(lastMs, { moved: state.movement !== before?.movement, tookMs: clock.monotonicMs() - from });
}

export function createFeed(parts: FeedParts): Feed {
  const { clock } = parts;
  const readers = new Set<Reader>();
  const patience = { ...PATIENCE, ...parts.patience };
  const telling: Telling = {
    newest: undefined,
    current: sharing(async () => stateOf(await parts.status())),
    tell: (frame) => readers.forEach((reader) => reader.offer(frame)),
  };
  let running: { readonly done: Promise<void>; readonly sleeper: Sleeper } | undefined;
  let stopped = false;

  const watching = (): boolean => readers.size > 0 && !stopped;
  const run = async (sleeper: Sleeper): Promise<void> => {
    const tending = setInterval(() => readers.forEach((reader) => reader.tend()), TEND_MS);
    for (let waitMs = FIRST_WAIT_MS; watching();) {
      await sleeper.sleep(waitMs);
      if (watching()) waitMs = await look(telling, waitMs, parts);
    }
    clearInterval(tending);
    telling.newest = undefined;
    running = undefined;
  };
  const keepRunning = (): void => {
    if (running !== undefined || !watching()) return;
    const sleeper = createSleeper();
    running = { sleeper, done: run(sleeper).then(keepRunning) };
  };
  const leave = (reader: Reader): void => {
    readers.delete(reader);
    if (readers.size === 0) running?.sleeper.wake();
  };
  return {
    first: () => {
      if (readers.size >= READERS_MAX) return Promise.reject(tooMany());
      const { newest } = telling;
      return newest === undefined || newest.away ? telling.current() : Promise.resolve(newest);
    },
    join: (sink, first) => {
      const reader: Reader = createReader({ ...patience, sink, clock, beat: BEAT, onGone: () => leave(reader) });
      readers.add(reader);
      reader.offer(first.frame);
      telling.newest ??= first;
      keepRunning();
    },
    get readers() {
      return readers.size;
    },
    stop: async () => {
      stopped = true;
      readers.forEach((reader) => reader.end());
      running?.sleeper.wake();
      await running?.done;
    },
  };
}

function tooMany(): HttpProblem {
  return new HttpProblem(503, 'too_many_readers', 'too many streams are open; try again later', {
    'retry-after': '10',
  });
}
