// The status document, live: one stream for the page, read by fetch because EventSource sends no token. Lost, silent for 40 s or
// refused, it is tried again for ever with growing pauses, and the page says so; a new token starts it again at once.
import type { StatusDocument } from '@jobhive/queue';
import { access, authorization, refused } from '../api/access.ts';
import { problemIn, problemOf, type ProblemError } from '../api/problem.ts';
import { noteServerTime } from '../api/server-clock.ts';
import { unanswered } from '../api/unanswered.ts';
import { createStore } from '../store.ts';
import { retryDelayMs } from './backoff.ts';
import { serverSentParser } from './server-sent.ts';

/** The server sends a comment at least every 15 s. */
const SILENT_MS = 40_000;
const WAITING = { method: 'GET', withinMs: SILENT_MS } as const;

export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** The server answers, and says what it cannot read. */
  | { readonly kind: 'stalled'; readonly problem: ProblemError }
  | { readonly kind: 'away'; readonly problem: ProblemError; readonly retryAtMs: number };

export const connection = createStore<Connection>({ kind: 'connecting' });
export const status = createStore<StatusDocument | null>(null);

let wake: () => void = () => undefined;
let cut = new AbortController();

function take(event: { readonly name: string; readonly data: string }): void {
  if (event.name === 'problem') connection.set({ kind: 'stalled', problem: problemIn(JSON.parse(event.data)) });
  if (event.name !== 'status') return;
  if (connection.get().kind === 'stalled') connection.set({ kind: 'live' });
  status.set(JSON.parse(event.data) as StatusDocument); // our own server's document of /api/status
}

async function read(body: ReadableStream<Uint8Array<ArrayBuffer>>, alive: () => void): Promise<void> {
  const parser = serverSentParser();
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    parser.push(value).forEach(take);
  }
}

/** Ends only by failing. */
async function follow(signal: AbortSignal, connected: () => void): Promise<never> {
  const { token } = access.get();
  const silence = new AbortController();
  const tooSilent = (): void => silence.abort(new DOMException('silent', 'TimeoutError'));
  let timer = window.setTimeout(tooSilent, SILENT_MS);
  try {
    const headers = { Accept: 'text/event-stream', ...authorization(token) };
    const either = AbortSignal.any([signal, silence.signal]);
    const askedAtMs = Date.now();
    const response = await fetch('/api/events', { headers, signal: either, cache: 'no-store', credentials: 'omit' });
    noteServerTime(response.headers.get('Date'), askedAtMs);
    if (response.status === 401) refused(token);
    if (!response.ok || response.body === null) throw await problemOf(response);
    connected();
    await read(response.body, () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(tooSilent, SILENT_MS);
    });
    throw new Error('the stream ended');
  } finally {
    window.clearTimeout(timer);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, ms);
    wake = () => {
      window.clearTimeout(timer);
      resolve();
    };
  });
}

async function run(): Promise<never> {
  let failures = 0;
  for (;;) {
    cut = new AbortController();
    try {
      await follow(cut.signal, () => {
        failures = 0;
        connection.set({ kind: 'live' });
      });
    } catch (error) {
      if (cut.signal.aborted) continue; // a new token: at once
      failures += 1;
      const delayMs = retryDelayMs(failures, Math.random());
      connection.set({ kind: 'away', problem: unanswered(error, WAITING), retryAtMs: Date.now() + delayMs });
      await pause(delayMs);
    }
  }
}

export const live = {
  start: (): void => {
    let before = access.get().token;
    access.subscribe(({ token }) => {
      if (token !== before) cut.abort();
      if (token !== before) wake();
      before = token;
    });
    window.addEventListener('online', () => wake());
    void run(); // never ends, never rejects
  },
  /** Now, not after the pause. */
  retryNow: (): void => wake(),
};
