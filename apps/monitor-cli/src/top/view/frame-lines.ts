// What stands around the body: the queue's name and figures, the tabs, what is away, the notice or question, the keys. Pure.
import { fitTo } from '../../print/display-width.ts';
import { plainLine } from '../../print/plain.ts';
import type { Paint } from '../../print/style.ts';
import { questionOf } from '../act.ts';
import { TABS, type State } from '../state.ts';
import { keysLine } from './help-lines.ts';

/** Lines that the body does not have. */
export const FRAME_ROWS = 5;

export function headLine({ seen: { status }, size }: State, paint: Paint): string {
  if (status === undefined) return paint.bold('jobhive');
  const { workers, depth, processing, failed, rate_per_minute: rate } = status;
  const figures = [
    `depth ${String(depth)}`,
    `processing ${String(processing)}`,
    `failed ${String(failed)}`,
    `${String(rate)}/min`,
    `workers ${workers.active === null ? '?' : String(workers.active)}`,
  ].join('  ');
  const paused = status.paused ? 'PAUSED  ' : '';
  const name = fitTo(plainLine(status.queue), Math.max(8, size.columns - figures.length - paused.length - 2));
  const room = Math.max(0, size.columns - name.length - 2);
  const text = fitTo(`${paused}${figures}`, room);
  return `${paint.bold(name)}  ${status.paused ? paint.yellow(text) : text}`;
}

export function tabsLine(state: State, paint: Paint): string {
  const tabs = TABS.map((tab, index) => {
    const text = ` ${String(index + 1)} ${tab} `;
    return tab === state.tab
      ? paint.inverse(paint.bold(text.replace(/^ | $/g, (blank, at: number) => (at === 0 ? '[' : ']'))))
      : text;
  });
  const filter = state.filters[state.tab];
  const columns = TABS.reduce((sum, tab) => sum + tab.length + 4, 0) + 2;
  const told = filter === '' ? '' : fitTo(`filter: ${plainLine(filter)}`, Math.max(0, state.size.columns - columns));
  return `${tabs.join('')}  ${paint.yellow(told)}`.trimEnd();
}

/** What is away, or why the last look failed. */
export function troubleLine({ seen: { status, trouble }, size }: State, paint: Paint): string {
  if (trouble !== undefined) return paint.red(fitTo(plainLine(trouble), size.columns));
  if (status?.redis.ok === false) {
    return paint.red(
      fitTo('Redis is away; figures come from Postgres, jobs are delivered when it is back', size.columns),
    );
  }
  return '';
}

export function talkLine({ question, typing, doing, notice, size }: State, paint: Paint): string {
  const fitted = (text: string): string => fitTo(text, size.columns);
  if (question !== undefined) return paint.yellow(fitted(`${questionOf(question)} (y/n)`));
  if (typing !== undefined) return fitted(`/${typing}_`);
  if (doing !== undefined) return fitted(`${doing} …`);
  if (notice === undefined) return '';
  const text = fitted(plainLine(notice.text));
  return notice.bad ? paint.red(text) : paint.green(text);
}

export function keys(state: State, paint: Paint): string {
  return paint.dim(fitTo(keysLine(state), state.size.columns));
}
