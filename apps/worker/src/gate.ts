// Whether this worker takes anything now. Several may hold it shut, each for its own reason; it is open when none does.

export type Reason = 'starting' | 'paused' | 'postgres_away' | 'no_space' | 'no_thread' | 'alone' | 'stopping';

export interface Gate {
  shut(reason: Reason): void;
  open(reason: Reason): void;
  isShut(reason: Reason): boolean;
}

export function createGate(apply: (open: boolean) => void): Gate {
  const reasons = new Set<Reason>();
  const set = (change: () => void): void => {
    const before = reasons.size === 0;
    change();
    if ((reasons.size === 0) !== before) apply(reasons.size === 0);
  };
  return {
    shut: (reason) => {
      set(() => reasons.add(reason));
    },
    open: (reason) => {
      set(() => reasons.delete(reason));
    },
    isShut: (reason) => reasons.has(reason),
  };
}
