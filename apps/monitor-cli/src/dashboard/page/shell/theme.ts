// Light or dark: as the system says, or as chosen here, which this browser remembers. `data-theme` on the root decides for the
// style sheet; who draws by itself (the charts) follows the store.
import { createStore } from '../store.ts';

export type Theme = 'light' | 'dark';

const KEY = 'jobhive.theme';
const systemDark = window.matchMedia('(prefers-color-scheme: dark)');

function chosen(): Theme | undefined {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : undefined;
}

const current = (): Theme => chosen() ?? (systemDark.matches ? 'dark' : 'light');

export const theme = createStore<Theme>(current());

export function applyTheme(): void {
  document.documentElement.dataset['theme'] = current();
  theme.set(current());
}

export function switchTheme(): void {
  localStorage.setItem(KEY, current() === 'dark' ? 'light' : 'dark');
  applyTheme();
}

systemDark.addEventListener('change', applyTheme);
