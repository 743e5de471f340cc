/**
 * The line that shows how far the work is. Pure.
 */
import type { Status } from './status.ts';

const WIDTH = 24;

export function progressLine({ counts, active, ratePerMinute }: Status): string {
  const done = counts.processed + counts.failed + counts.cancelled;
  const all = done + counts.queued + counts.processing;
  const filled = all === 0 ? WIDTH : Math.floor((done / all) * WIDTH);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`;
  const facts = [
    `${counts.processed} processed`,
    `${counts.processing} in hand`,
    `${counts.queued} waiting`,
    ...(counts.failed === 0 ? [] : [`${counts.failed} failed`]),
    `${active} workers`,
    `${Math.round(ratePerMinute)} a minute`,
  ];
  return `${bar} ${done}/${all} · ${facts.join(' · ')}`;
}
