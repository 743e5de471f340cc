// Who may run beside whom. A job whose last attempt ended with its worker runs alone in this process: nobody can tell
// which of several jobs killed it. Everybody else runs side by side. First come, first served: a suspect waits for those
// before it, and those after it wait for the suspect. A place is held until its claim is settled, for until then the end
// of the process spends its attempt; so it is to be taken before the claim.

export type Release = () => void;

export interface Slots {
  /** Waits while somebody runs alone, or waits to. @returns the release; undefined where the worker ends first */
  beside(): Promise<Release | undefined>;
  /** Waits until nobody else has a place. @returns the release; undefined where the worker ends first */
  alone(): Promise<Release | undefined>;
  /** Nobody is let in any more, nor waits; who has a place keeps it. */
  stop(): void;
}

interface Waiter {
  readonly alone: boolean;
  readonly answer: (release: Release | undefined) => void;
}

/** @param onAlone whether somebody runs alone, or waits to; told when it changes */
export function createSlots(onAlone: (alone: boolean) => void = () => undefined): Slots {
  const line: Waiter[] = [];
  let sharing = 0;
  let aloneNow = false;
  let aloneTold = false;
  let stopped = false;

  const leave = ({ alone }: Waiter): void => {
    if (alone) aloneNow = false;
    else sharing -= 1;
    advance();
  };
  /** The place is taken before anybody else is looked at: of many that wait to be alone one is let in. */
  const letIn = (waiter: Waiter): void => {
    if (waiter.alone) aloneNow = true;
    else sharing += 1;
    let left = false;
    waiter.answer(() => {
      if (left) return;
      left = true;
      leave(waiter);
    });
  };
  const hasRoomFor = ({ alone }: Waiter): boolean => !aloneNow && (!alone || sharing === 0);
  const advance = (): void => {
    for (let [next] = line; next !== undefined && hasRoomFor(next); [next] = line) {
      line.shift();
      letIn(next);
    }
    const alone = aloneNow || line.some((waiter) => waiter.alone);
    if (alone !== aloneTold) onAlone((aloneTold = alone));
  };
  const wait = (alone: boolean): Promise<Release | undefined> =>
    new Promise((answer) => {
      if (stopped) return answer(undefined);
      line.push({ alone, answer });
      advance();
    });
  return {
    beside: () => wait(false),
    alone: () => wait(true),
    stop: () => {
      stopped = true;
      for (const { answer } of line.splice(0)) answer(undefined);
      advance();
    },
  };
}
