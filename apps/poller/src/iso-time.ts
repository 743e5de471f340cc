// A date or time in the extended calendar form of ISO 8601 → the same instant as `YYYY-MM-DDTHH:MM:SS.sssZ`. Pure and
// strict: what a calendar does not have is none. A date means its begin, a time without an offset means UTC. Not taken:
// week and ordinal dates, the form without hyphens, the 60th second and the 24th hour.
const FORM = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/** @returns undefined where the text is no such time, or lies outside of the years 1 to 9999 */
export function parseIsoTime(text: string): string | undefined {
  const found = FORM.exec(text);
  if (found === null) return undefined;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction = '0', zone] = found;
  const milliseconds = `${fraction}00`.slice(0, 3);
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`;
  const localMs = Date.parse(local);
  // A day that the month lacks rolls over into the next: then it does not come back as it went in.
  if (Number.isNaN(localMs) || new Date(localMs).toISOString() !== local) return undefined;
  const offsetMs = parseOffset(zone);
  if (offsetMs === undefined) return undefined;
  const instant = new Date(localMs - offsetMs).toISOString();
  return /^\d{4}-/.test(instant) && !instant.startsWith('0000') ? instant : undefined;
}

function parseOffset(zone = 'Z'): number | undefined {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
