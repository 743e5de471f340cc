// The live figures. They change up to four times a second; a screen reader hears them in one sentence, and not more than every
// 15 s.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { duration } from '../../../print/duration.ts';
import type { StatusDocument } from '../api/documents.ts';
import { status as liveStatus } from '../live/live-status.ts';
import { counted, shortNumber } from '../parts/words.ts';

const SPEAK_EVERY_MS = 15_000;

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly tone?: string;
  readonly href?: string;
  readonly children: ComponentChildren;
}

function Figure({ name, value, tone = '', href, children }: FigureProps): JSX.Element {
  return (
    <div class={`figure ${tone}`}>
      <dt>{href === undefined ? name : <a href={href}>{name}</a>}</dt>
      <dd>
        <strong>{value}</strong>
        <span class="muted">{children}</span>
      </dd>
    </div>
  );
}

const orDash = (ms: number | null): string => (ms === null ? '–' : duration(ms));

function waitingText({ depth, oldest_waiting_seconds: oldest }: StatusDocument): string {
  if (oldest !== null) return `oldest ${duration(oldest * 1000)}`;
  return depth === 0 ? 'nothing waits' : 'ready for a worker';
}

function workersText({ workers, processing }: StatusDocument): string {
  if (workers.active === null) return 'Redis is away';
  if (workers.active === 0) return 'none is alive';
  const idle = workers.list.filter(({ job_id }) => job_id === null).length;
  return idle === workers.active && processing === 0 ? 'all idle' : `${String(idle)} idle`;
}

export function Figures({ status }: { readonly status: StatusDocument }): JSX.Element {
  const { depth, delayed, processing, failed, workers, rate_per_minute: rate, execution_ms: times } = status;
  const noWorker = workers.active === 0 && depth > 0;
  return (
    <dl class="figures">
      <Figure name="Waiting" value={shortNumber(depth)} href="#/jobs?status=queued">
        {waitingText(status)}
      </Figure>
      <Figure name="Delayed" value={shortNumber(delayed)}>
        for a retry’s time
      </Figure>
      <Figure name="Processing" value={shortNumber(processing)} href="#/jobs?status=processing">
        in hand now
      </Figure>
      <Figure name="Failed" value={shortNumber(failed)} tone={failed > 0 ? 'is-bad' : ''} href="#/failed">
        {failed === 0 ? 'no dead letters' : 'need a look'}
      </Figure>
      <Figure
        name="Workers"
        value={workers.active === null ? '–' : String(workers.active)}
        tone={noWorker ? 'is-bad' : ''}
        href="#/workers"
      >
        {workersText(status)}
      </Figure>
      <Figure name="Rate" value={shortNumber(rate)}>
        jobs a minute
      </Figure>
      <Figure name="Execution" value={orDash(times.p50)}>
        {times.count === 0 ? 'none in the last hour' : `p95 ${orDash(times.p95)} · p99 ${orDash(times.p99)}`}
      </Figure>
    </dl>
  );
}

function spoken(status: StatusDocument): string {
  const { depth, processing, failed, workers } = status;
  return `${String(depth)} waiting, ${String(processing)} processing, ${String(failed)} failed, ${counted(workers.active ?? 0, 'worker')}`;
}

export function SpokenFigures(): JSX.Element {
  const [text, setText] = useState('');
  useEffect(() => {
    const speak = (): void => {
      const status = liveStatus.get();
      if (status !== null) setText(spoken(status));
    };
    const timer = window.setInterval(speak, SPEAK_EVERY_MS);
    return () => window.clearInterval(timer);
  }, []);
  return (
    <p class="unseen" aria-live="polite">
      {text}
    </p>
  );
}
