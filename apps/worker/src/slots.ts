// Who may run beside whom. A job whose last attempt ended with its worker runs alone in this process: nobody can tell
// which of several jobs killed it. Everybody else runs side by side. Whoever wants to be alone goes before those who come
// after it.

export interface Slots {
  /** Waits while somebody runs alone, or waits to. @returns the release */
  beside(): Promise<() => void>;
  /** Waits until nobody else runs. @returns the release */
  alone(): Promise<() => void>;
}

export function createSlots(): Slots {
  let sharing = 0;
  let aloneNow = false;
  let aloneWaiting = 0;
  const changed = new Set<() => void>();

  const tell = (): void => {
    const all = [...changed];
    changed.clear();
    all.forEach((wake) => {
      wake();
    });
  };
  const until = async (free: () => boolean): Promise<void> => {
    while (!free()) await new Promise<void>((resolve) => changed.add(resolve));
  };
  const once = (release: () => void): (() => void) => {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      release();
      tell();
    };
  };
  return {
    beside: async () => {
      if (aloneNow || aloneWaiting > 0) await until(() => !aloneNow && aloneWaiting === 0);
      sharing += 1;
      return once(() => {
        sharing -= 1;
      });
    },
    alone: async () => {
      aloneWaiting += 1;
      await until(() => sharing === 0 && !aloneNow);
      aloneWaiting -= 1;
      aloneNow = true;
      return once(() => {
        aloneNow = false;
      });
    },
  };
}
