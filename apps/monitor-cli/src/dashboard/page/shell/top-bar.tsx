// Name, pages, and what holds for the whole page: live or not, pause, light or dark.
import type { JSX } from 'preact';
import { status } from '../live/live-status.ts';
import type { View } from '../route.ts';
import { useStore } from '../store.ts';
import { ConnectionPill } from './connection-state.tsx';
import { QueueSwitch } from './queue-switch.tsx';
import { switchTheme, theme } from './theme.ts';

const PAGES: readonly { readonly view: View; readonly href: string; readonly name: string }[] = [
  { view: 'overview', href: '#/', name: 'Overview' },
  { view: 'workers', href: '#/workers', name: 'Workers' },
  { view: 'jobs', href: '#/jobs', name: 'Jobs' },
  { view: 'failed', href: '#/failed', name: 'Failed' },
];

function Brand(): JSX.Element {
  return (
    <a class="brand" href="#/" aria-label="jobhive: overview">
      <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
        <path d="M16 2 28 9v14L16 30 4 23V9z" fill="var(--honey)" />
        <path d="m16 10 6 3.5v7L16 24l-6-3.5v-7z" fill="var(--surface)" />
      </svg>
      jobhive
    </a>
  );
}

function ThemeSwitch(): JSX.Element {
  const other = useStore(theme) === 'dark' ? 'light' : 'dark';
  return (
    <button type="button" class="button is-icon" aria-label={`Switch to ${other} colours`} onClick={switchTheme}>
      <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">
        <path d="M10 2a8 8 0 1 0 0 16V2z" fill="currentColor" />
        <circle cx="10" cy="10" r="7.25" fill="none" stroke="currentColor" stroke-width="1.5" />
      </svg>
    </button>
  );
}

function FailedCount(): JSX.Element | null {
  const failed = useStore(status)?.failed ?? 0;
  if (failed === 0) return null;
  return (
    <span class="count">
      {failed > 9999 ? '9999+' : failed}
      <span class="unseen"> jobs</span>
    </span>
  );
}

export function TopBar({ view }: { readonly view: View }): JSX.Element {
  const shown = view === 'job' ? 'jobs' : view;
  return (
    <header class="top">
      <div class="top-inner">
        <Brand />
        <nav aria-label="Pages">
          {PAGES.map((page) => (
            <a key={page.view} href={page.href} {...(page.view === shown ? { 'aria-current': 'page' as const } : {})}>
              {page.name}
              {page.view === 'failed' ? <FailedCount /> : null}
            </a>
          ))}
        </nav>
        <div class="top-tools">
          <ConnectionPill />
          <QueueSwitch />
          <ThemeSwitch />
        </div>
      </div>
    </header>
  );
}
