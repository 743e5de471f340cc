// The history as series over a fixed window that ends now: a place for each minute, empty where none was recorded, so that a gap is
// seen as a gap and the time axis never moves by itself. Pure.
import type { HistorySample } from '../../schema/history.ts';

export type Field = 'depth' | 'delayed' | 'processing' | 'rate_per_minute' | 'failures' | 'p50' | 'p95' | 'p99';
export type Column = readonly (number | null)[];

export interface Series {
  /** Seconds since the epoch, a minute apart, the last one the minute of now. */
  readonly times: readonly number[];
  readonly columns: Readonly<Record<Field, Column>>;
}

const valuesOf = ({ execution_ms: times, ...sample }: HistorySample): Readonly<Record<Field, number | null>> => ({
  ...sample,
  ...times,
});

const MINUTE_S = 60;
const FIELDS: readonly Field[] = ['depth', 'delayed', 'processing', 'rate_per_minute', 'failures', 'p50', 'p95', 'p99'];

/** @param samples in any order; of two in one minute the later one counts */
export function toSeries(samples: readonly HistorySample[], hours: number, now: Date): Series {
  const last = Math.floor(now.getTime() / 1000 / MINUTE_S);
  const first = last - hours * 60;
  const places = last - first + 1;
  const byMinute = new Map(samples.map((sample) => [Math.floor(Date.parse(sample.at) / 1000 / MINUTE_S), sample]));
  const found = Array.from({ length: places }, (_, place) => byMinute.get(first + place));
  const columnOf = (field: Field): Column =>
    found.map((sample) => (sample === undefined ? null : valuesOf(sample)[field]));
  const entries = FIELDS.map((field) => [field, columnOf(field)] as const);
  return {
    times: found.map((_, place) => (first + place) * MINUTE_S),
    columns: Object.fromEntries(entries) as Record<Field, Column>, // each field has an entry
  };
}

export interface Extent {
  readonly last: number | null;
  readonly most: number | null;
}

/** Nulls where the column is empty. */
export function extentOf(column: Column): Extent {
  const values = column.filter((value) => value !== null);
  return {
    last: values.at(-1) ?? null,
    most: values.length === 0 ? null : values.reduce((most, value) => Math.max(most, value), 0),
  };
}
