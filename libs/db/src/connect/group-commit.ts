// Many callers, one statement, no timer: while one statement is under way, what is asked meanwhile waits and goes with
// the next. A batch that fails for the data or a lock of one row is run again row by row, so that no caller pays for
// another's row. It keeps no order beyond that of the asking.
import { failureKind } from './outage.ts';

export interface GroupCommit<Ask, Answer> {
  (ask: Ask): Promise<Answer>;
  /** How many wait for the next statement. */
  readonly waiting: number;
}

interface Waiter<Ask, Answer> {
  readonly ask: Ask;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * @param run answers each ask of a batch, in the order of the batch
 * @param batchMax asks a statement at the most
 */
export function groupCommit<Ask, Answer>(
  run: (asks: readonly Ask[]) => Promise<readonly Answer[]>,
  batchMax: number,
): GroupCommit<Ask, Answer> {
  const waiters: Waiter<Ask, Answer>[] = [];
  let running = false;

  const answer = async (batch: readonly Waiter<Ask, Answer>[]): Promise<void> => {
    try {
      const answers = await run(batch.map((waiter) => waiter.ask));
      batch.forEach((waiter, i) => {
        const given = answers[i];
        if (given === undefined) waiter.reject(new Error('a batch gave fewer answers than it was asked for'));
        else waiter.resolve(given);
      });
    } catch (error) {
      if (batch.length === 1 || failureKind(error) === 'away' || isAway(error)) {
        batch.forEach((waiter) => {
          waiter.reject(error);
        });
      } else {
        for (const waiter of batch) await answer([waiter]);
      }
    }
  };
  const drain = async (): Promise<void> => {
    running = true;
    while (waiters.length > 0) await answer(waiters.splice(0, batchMax));
    running = false;
  };

  const ask = (value: Ask): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiters.push({ ask: value, resolve, reject });
      if (!running) void drain();
    });
  return Object.defineProperty(ask, 'waiting', { get: () => waiters.length }) as GroupCommit<Ask, Answer>; // defineProperty is not typed to widen
}

function isAway(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'postgres_away';
}
