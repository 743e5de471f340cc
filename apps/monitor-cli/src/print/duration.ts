// Times as people say them: `850 ms`, `12.3 s`, `4 min 05 s`, `3 h 20 min`, `2 d 4 h`, and how long ago. Pure.

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const two = (value: number): string => String(value).padStart(2, '0');

export function duration(ms: number): string {
  const rounded = Math.max(0, Math.round(ms));
  if (rounded < SECOND_MS) return `${String(rounded)} ms`;
  if (rounded < 10 * SECOND_MS) return `${(Math.floor(rounded / 100) / 10).toFixed(1)} s`;
  if (rounded < MINUTE_MS) return `${String(Math.floor(rounded / SECOND_MS))} s`;
  const [days, hours] = [Math.floor(rounded / DAY_MS), Math.floor((rounded % DAY_MS) / HOUR_MS)];
  const [minutes, seconds] = [
    Math.floor((rounded % HOUR_MS) / MINUTE_MS),
    Math.floor((rounded % MINUTE_MS) / SECOND_MS),
  ];
  if (days > 0) return `${String(days)} d ${String(hours)} h`;
  if (hours > 0) return `${String(hours)} h ${two(minutes)} min`;
  return `${String(minutes)} min ${two(seconds)} s`;
}

/** How long ago, or in how long. @param at ISO 8601; null stays null */
export function relative(at: string | null, now: Date): string | null {
  if (at === null) return null;
  const ms = now.getTime() - Date.parse(at);
  if (Math.abs(ms) < SECOND_MS) return 'now';
  return ms > 0 ? `${duration(ms)} ago` : `in ${duration(-ms)}`;
}

/** Date and time of the clock on the wall, in UTC, to the second. */
export function moment(at: string): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
