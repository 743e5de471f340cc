// Ids from whoever takes them to whoever asks for them. What nobody asks for within 20 ms is let go: it may be held ahead only as
// long as a slot is about to be free. Pure but for its timer; what happens to an id let go is the caller's affair.

const HELD_AHEAD_MS = 20;

export interface Handover {
  /** Ids that are asked for and not there yet. */
  readonly asked: number;
  /** Ids that are there and not asked for yet. */
  readonly held: number;
  next(): Promise<string | null>;
  hand(jobId: string): void;
  letGo(): void;
  /** Answers null to all who ask, now and later. */
  end(): void;
}

export function createHandover(onLetGo: (jobIds: readonly string[]) => void): Handover {
  const askers: ((jobId: string | null) => void)[] = [];
  const held: string[] = [];
  let ended = false;
  let timer: NodeJS.Timeout | undefined;

  const letGo = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const jobIds = held.splice(0);
    if (jobIds.length > 0) onLetGo(jobIds);
  };
  return {
    get asked() {
      return askers.length;
    },
    get held() {
      return held.length;
    },
    next: () => {
      const jobId = held.shift();
      if (jobId !== undefined || ended) return Promise.resolve(jobId ?? null);
      return new Promise((resolve) => {
        askers.push(resolve);
      });
    },
    hand: (jobId) => {
      const asker = askers.shift();
      if (asker !== undefined) return asker(jobId);
      held.push(jobId);
      timer ??= setTimeout(letGo, HELD_AHEAD_MS);
    },
    letGo,
    end: () => {
      ended = true;
      letGo();
      for (const answer of askers.splice(0)) answer(null);
    },
  };
}
