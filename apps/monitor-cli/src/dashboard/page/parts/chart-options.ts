// How a chart is drawn: quiet grid, figures of the page's own font, lines or bars in the theme's colours, a scale that begins at 0.
import uPlot from 'uplot';
import type { ChartSeries } from './chart.tsx';

const HEIGHT = 168;
/** 1, 2, 5, 10, … up to a billion. */
const WHOLE_STEPS = Array.from({ length: 28 }, (_, n) => [1, 2, 5][n % 3] ?? 1).map(
  (step, n) => step * 10 ** Math.floor(n / 3),
);
const TIME_24H = '{HH}:{mm}';

export interface ChartSetting {
  readonly element: HTMLElement;
  readonly series: readonly Pick<ChartSeries, 'label' | 'colour'>[];
  readonly bars: boolean;
  readonly whole: boolean;
  readonly format: (value: number) => string;
  /** Where the pointer stands, by index of the times; null where it left. */
  readonly onPlace: (place: number | null) => void;
}

/** Room above the highest value, and a scale of some height also where all is 0. */
function range(_plot: uPlot, _least: number | null, most: number | null): uPlot.Range.MinMax {
  return [0, Math.max(1, (most ?? 0) * 1.12)];
}

function timeAxis(ink: string, grid: string, font: string): uPlot.Axis {
  const hours = uPlot.fmtDate(TIME_24H);
  return {
    stroke: ink,
    font,
    size: 26,
    space: 64,
    grid: { show: false },
    ticks: { stroke: grid, size: 4 },
    values: (_plot, splits) => splits.map((at) => hours(new Date(at * 1000))),
  };
}

export function chartOptions({ element, series, bars, whole, format, onPlace }: ChartSetting): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const [ink, grid] = [colour('--muted'), colour('--line')];
  const font = `11px ${getComputedStyle(element).fontFamily}`;
  const barPaths = uPlot.paths.bars?.({ size: [0.8, 24] });
  return {
    width: Math.max(120, element.clientWidth),
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { x: { range: (_plot, first, last) => [first, last + (bars ? 30 : 0)] }, y: { range } },
    axes: [
      timeAxis(ink, grid, font),
      {
        stroke: ink,
        font,
        size: 52,
        space: 36,
        grid: { stroke: grid, width: 1 },
        ticks: { show: false },
        values: (_plot, splits) => splits.map(format),
        ...(whole ? { incrs: WHOLE_STEPS } : {}),
      },
    ],
    series: [
      {},
      ...series.map(({ label, colour: name }): uPlot.Series => ({
        label,
        stroke: colour(name),
        width: bars ? 0 : 1.75,
        ...(bars ? { fill: colour(name), points: { show: false } } : {}),
        ...(bars && barPaths !== undefined ? { paths: barPaths } : {}),
      })),
    ],
    hooks: { setCursor: [({ cursor }) => onPlace(cursor.idx ?? null)] },
  };
}
