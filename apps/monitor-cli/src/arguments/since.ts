// `--since`: a duration back from now (`30s`, `15m`, `2h`, `7d`) or a time as ISO 8601: a date (its start in UTC), or date
// and time, in the zone that is written, else in the local one. Anything else, also a day that no calendar has, is wrong
// usage. Pure.
import { UsageError } from '@jobhive/config';

export type Since = { readonly kind: 'ago'; readonly ms: number } | { readonly kind: 'at'; readonly at: Date };

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const AGO = /^(\d{1,10})([smhd])$/;
const AGO_MAX_MS = 100 * 366 * 86_400_000;
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?([Zz]|[+-]\d{2}(?::?\d{2})?)?)?$/;

function wrong(text: string): UsageError {
  return new UsageError(
    `--since is ${JSON.stringify(text.slice(0, 60))}; give a duration (30s, 15m, 2h, 7d) or an ISO 8601 time (2026-03-01, 2026-03-01T08:00:00Z)`,
  );
}

/** The zone as JavaScript reads it: `+02` and `+0200` become `+02:00`. */
function zoneOf(text: string | undefined): string {
  if (text === undefined) return '';
  if (/^z$/i.test(text)) return 'Z';
  const digits = text.slice(1).replace(':', '').padEnd(4, '0');
  return `${text.slice(0, 1)}${digits.slice(0, 2)}:${digits.slice(2)}`;
}

function isDayOfCalendar(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function parseTime(text: string): Date | undefined {
  const parts = ISO.exec(text);
  if (parts === null) return undefined;
  const [, year = '', month = '', day = '', hour, minute = '', second = '00', fraction = '', zone] = parts;
  if (!isDayOfCalendar(Number(year), Number(month), Number(day))) return undefined;
  const date = `${year}-${month}-${day}`;
  const time = `T${hour ?? '00'}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}${zoneOf(zone)}`;
  const at = new Date(hour === undefined ? date : `${date}${time}`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

export function parseSince(text: string): Since {
  const [, count, unit = ''] = AGO.exec(text) ?? [];
  if (count !== undefined) {
    const ms = Number(count) * (UNIT_MS[unit] ?? 0);
    if (ms > AGO_MAX_MS) throw wrong(text);
    return { kind: 'ago', ms };
  }
  const at = parseTime(text);
  if (at === undefined) throw wrong(text);
  return { kind: 'at', at };
}

/** @param now by the database's clock, as `discovered_at` is */
export function sinceDate(since: Since, now: Date): Date {
  return since.kind === 'at' ? since.at : new Date(now.getTime() - since.ms);
}
