// Four charts over the last hour or day, asked again every 20 s. What was recorded survives restarts; a gap means that nobody
// recorded.
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { duration } from '../../../print/duration.ts';
import type { HistorySample } from '../../schema/history.ts';
import { serverNow } from '../api/server-clock.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useInterval } from '../live/use-now.ts';
import { Chart } from '../parts/chart.tsx';
import { Trouble } from '../parts/states.tsx';
import { shortNumber } from '../parts/words.ts';
import { extentOf, toSeries, type Field, type Series } from './history-series.ts';

const ASK_EVERY_MS = 20_000;
const NONE: readonly HistorySample[] = [];

interface Line {
  readonly field: Field;
  readonly label: string;
  readonly colour: string;
}

interface Drawn {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly bars?: boolean;
  readonly whole?: boolean;
  readonly format: (value: number) => string;
}

const CHARTS: readonly Drawn[] = [
  {
    title: 'Jobs in the queue',
    format: shortNumber,
    whole: true,
    lines: [
      { field: 'depth', label: 'waiting', colour: '--chart-1' },
      { field: 'delayed', label: 'delayed', colour: '--chart-3' },
      { field: 'processing', label: 'processing', colour: '--chart-2' },
    ],
  },
  {
    title: 'Jobs a minute',
    format: shortNumber,
    whole: true,
    lines: [{ field: 'rate_per_minute', label: 'ended', colour: '--chart-1' }],
  },
  {
    title: 'Execution time',
    format: (ms) => (ms === 0 ? '0' : duration(ms)),
    lines: [
      { field: 'p50', label: 'p50', colour: '--chart-2' },
      { field: 'p95', label: 'p95', colour: '--chart-1' },
      { field: 'p99', label: 'p99', colour: '--chart-3' },
    ],
  },
  {
    title: 'Failures a minute',
    format: shortNumber,
    whole: true,
    bars: true,
    lines: [{ field: 'failures', label: 'failed', colour: '--chart-bad' }],
  },
];

function summaryOf({ lines, format }: Drawn, { columns }: Series): string {
  const parts = lines.map(({ field, label }) => {
    const { last, most } = extentOf(columns[field]);
    return last === null || most === null
      ? `${label} not recorded`
      : `${label} ${format(last)}, at most ${format(most)}`;
  });
  return parts.join('; ');
}

function DrawnChart({ drawn, series }: { readonly drawn: Drawn; readonly series: Series }): JSX.Element {
  const lines = useMemo(
    () => drawn.lines.map(({ field, ...line }) => ({ ...line, values: series.columns[field] })),
    [drawn, series],
  );
  return (
    <Chart
      title={drawn.title}
      summary={summaryOf(drawn, series)}
      times={series.times}
      series={lines}
      bars={drawn.bars ?? false}
      whole={drawn.whole ?? false}
      format={drawn.format}
    />
  );
}

export function Charts(): JSX.Element {
  const [hours, setHours] = useState(1);
  const beat = useInterval(ASK_EVERY_MS);
  const { data, problem, reload } = useAnswer<{ readonly samples: readonly HistorySample[] }>(
    `/api/history?hours=${String(hours)}`,
    beat,
  );
  const series = useMemo(() => toSeries(data?.samples ?? NONE, hours, serverNow()), [data, hours]);
  return (
    <section aria-labelledby="charts">
      <div class="section-head">
        <h2 id="charts">Over time</h2>
        <div class="segments" role="group" aria-label="Range of the charts">
          {[1, 24].map((choice) => (
            <button key={choice} type="button" aria-pressed={hours === choice} onClick={() => setHours(choice)}>
              {choice} h
            </button>
          ))}
        </div>
      </div>
      {problem === undefined ? null : (
        <Trouble problem={problem} what="The history could not be read" onAgain={reload} />
      )}
      <div class="charts">
        {CHARTS.map((drawn) => (
          <DrawnChart key={drawn.title} drawn={drawn} series={series} />
        ))}
      </div>
    </section>
  );
}
