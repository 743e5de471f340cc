// A chart of one or more series over time (uPlot on a canvas). Its legend is text and follows the pointer; for screen readers the
// figure has a sentence. It keeps its height whatever comes, and is drawn again in the colours of the theme.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { theme } from '../shell/theme.ts';
import { useStore } from '../store.ts';
import { chartOptions } from './chart-options.ts';

export interface ChartSeries {
  readonly label: string;
  /** Name of a custom property of the style sheet: `--chart-1`. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
}

export interface ChartProps {
  readonly title: string;
  /** What a screen reader hears instead of the picture. */
  readonly summary: string;
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly bars?: boolean;
  /** Counts: no half steps on the axis. */
  readonly whole?: boolean;
  readonly format: (value: number) => string;
}

function dataOf({ times, series }: ChartProps): uPlot.AlignedData {
  return [[...times], ...series.map(({ values }) => [...values])];
}

/** The plot of the element, made again when theme or kind change, and given its data when they do. */
function usePlot(props: ChartProps, onPlace: (place: number | null) => void): { current: HTMLDivElement | null } {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const now = useStore(theme);
  const newest = useRef(props);
  newest.current = props;
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const { series, bars = false, whole = false } = newest.current;
    const format = (value: number): string => newest.current.format(value);
    const options = chartOptions({ element, series, bars, whole, format, onPlace });
    const made = new uPlot(options, dataOf(newest.current), element);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: options.height }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [now, props.series.length]);
  useEffect(() => plot.current?.setData(dataOf(props)), [props.times, props.series]);
  return box;
}

function lastOf(values: readonly (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null;
}

export function Chart(props: ChartProps): JSX.Element {
  const [place, setPlace] = useState<number | null>(null);
  const box = usePlot(props, setPlace);
  const { title, summary, series, times, format } = props;
  const at = place === null ? undefined : times[place];
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        <span class="muted small">
          {at === undefined
            ? 'latest'
            : new Date(at * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })}
        </span>
      </figcaption>
      <ul class="legend" aria-hidden="true">
        {series.map(({ label, colour, values }) => {
          const value = place === null ? lastOf(values) : (values[place] ?? null);
          return (
            <li key={label}>
              <span class="swatch" style={{ background: `var(${colour})` }} />
              {label} <b>{value === null ? '–' : format(value)}</b>
            </li>
          );
        })}
      </ul>
      <div ref={box} class="plot" role="img" aria-label={`${title}: ${summary}`} />
    </figure>
  );
}
