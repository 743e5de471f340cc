// Whether the queue is stuck: jobs are ready, nothing has been taken for 30 s, and nobody is kept from it by a pause or by
// work in hand. Pure. That no worker lives is stuck too. It does not say why: `why` does.
import type { IdleFacts } from '@jobhive/db';

export const STUCK_AFTER_SECONDS = 30;

export interface StuckFacts extends IdleFacts {
  /** Slots of all living workers, 0 where none lives: then what is in processing is in nobody's hands. Null where nobody can tell. */
  readonly slots: number | null;
}

/** @returns for how many seconds it has been stuck; undefined where it is not */
export function stuckForSeconds(facts: StuckFacts, afterSeconds = STUCK_AFTER_SECONDS): number | undefined {
  const { paused, processing, slots, waitingSeconds, claimedSeconds, endedSeconds, mendedSeconds } = facts;
  if (paused || waitingSeconds === null) return undefined;
  const allBusy = slots === null ? processing > 0 : slots > 0 && processing >= slots;
  if (allBusy) return undefined;
  const since = [waitingSeconds, claimedSeconds, endedSeconds, mendedSeconds].filter((seconds) => seconds !== null);
  const idleSeconds = Math.min(...since);
  return idleSeconds >= afterSeconds ? idleSeconds : undefined;
}
