// A line of bars for figures over time, the newest at the right. Pure. The highest one fills its cell; zero is a bar too low
// to see, so that a standstill looks like one.

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

export function sparkline(values: readonly number[], columns: number): string {
  const seen = values.slice(-Math.max(0, columns));
  const highest = Math.max(...seen, 0);
  const bars = seen.map((value) => {
    const step = value <= 0 || highest === 0 ? 0 : Math.max(1, Math.round((value / highest) * (BARS.length - 1)));
    return BARS[step] ?? BARS[0];
  });
  return bars.join('').padStart(Math.max(0, columns), ' ');
}
