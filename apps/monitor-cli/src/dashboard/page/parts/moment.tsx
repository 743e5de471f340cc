// A time: how long ago it was, with the time on the wall beside it or on hover.
import type { JSX } from 'preact';
import { duration, relative } from '../../../print/duration.ts';
import { useNow } from '../live/use-now.ts';

const wall = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** In the reader's time zone. */
export const wallTime = (at: string): string => wall.format(new Date(at));

export function Ago({ at }: { readonly at: string | null }): JSX.Element {
  const now = useNow();
  if (at === null) return <span class="muted">–</span>;
  const words = Math.abs(now.getTime() - Date.parse(at)) < 2000 ? 'just now' : relative(at, now);
  return (
    <time dateTime={at} title={wallTime(at)}>
      {words}
    </time>
  );
}

/** Both, for places where there is room. */
export function Moment({ at }: { readonly at: string | null }): JSX.Element {
  if (at === null) return <span class="muted">–</span>;
  return (
    <span>
      <Ago at={at} /> <span class="muted nowrap">{wallTime(at)}</span>
    </span>
  );
}

/** How long something that goes on has lasted. */
export function Lasting({ since }: { readonly since: string }): JSX.Element {
  return <>{duration(useNow().getTime() - Date.parse(since))}</>;
}
