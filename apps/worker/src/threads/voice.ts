/**
 * What a stage says while it runs: progress, at most ten times a second (the last word wins), and log lines, bounded in
 * number and size. Mute once the stage has returned.
 */
import type { StageContext, StageLog, StageLogLevel } from '../pipeline/stage.ts';
import type { Told } from './messages.ts';
import { cutToBytes } from './thrown.ts';

const PROGRESS_GAP_MS = 100;
const TEXT_BYTES_MAX = 500;
const LOG_LINES_MAX = 1_000;
const LOG_MESSAGE_BYTES_MAX = 4_096;
const LOG_FIELDS_CHARS_MAX = 8_192;

export interface Voice {
  readonly progress: StageContext['progress'];
  readonly log: StageLog;
  /** Mute from now on. @returns how often it spoke */
  end(): number;
}

export function createVoice(runId: number, tell: (told: Told) => void, nowMs = (): number => performance.now()): Voice {
  const state = { ended: false, told: 0, lines: 0, lastMs: -Infinity, timer: undefined as NodeJS.Timeout | undefined };
  let latest = { fraction: 0, text: '' };
  const say = (told: Told): void => {
    state.told += 1;
    tell(told);
  };
  const sayProgress = (): void => {
    state.timer = undefined;
    state.lastMs = nowMs();
    say({ kind: 'progress', runId, ...latest });
  };
  const progress = (fraction: number, text?: string): void => {
    if (state.ended) return;
    latest = {
      fraction: asFraction(fraction),
      text: text === undefined ? '' : cutToBytes(String(text), TEXT_BYTES_MAX),
    };
    const waitMs = state.lastMs + PROGRESS_GAP_MS - nowMs();
    if (waitMs <= 0 && state.timer === undefined) sayProgress();
    else state.timer ??= setTimeout(sayProgress, waitMs);
  };
  const line = (level: StageLogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    if (state.ended || state.lines > LOG_LINES_MAX) return;
    state.lines += 1;
    if (state.lines > LOG_LINES_MAX) say({ kind: 'log', runId, ...lastLine });
    else
      say({
        kind: 'log',
        runId,
        level,
        message: cutToBytes(String(message), LOG_MESSAGE_BYTES_MAX),
        fields: plain(fields),
      });
  };
  return {
    progress,
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    end: () => {
      state.ended = true;
      clearTimeout(state.timer);
      return state.told;
    },
  };

  function at(level: StageLogLevel): StageLog['info'] {
    return (message, fields) => {
      line(level, message, fields);
    };
  }
}

const lastLine = {
  level: 'warn',
  message: `the stage logged more than ${String(LOG_LINES_MAX)} lines; the rest is dropped`,
  fields: {},
} as const;

function asFraction(fraction: unknown): number {
  return typeof fraction === 'number' && fraction > 0 ? Math.min(fraction, 1) : 0;
}

/** Fields as plain JSON, so that they can be sent; what cannot be is dropped, and said to be. */
function plain(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  try {
    const json = JSON.stringify(fields);
    if (json.length > LOG_FIELDS_CHARS_MAX) return { fields_dropped: 'too large' };
    const parsed: unknown = JSON.parse(json);
    // Reason: what is an object, and no array, has text keys after JSON.
    return isRecord(parsed) ? parsed : {};
  } catch {
    return { fields_dropped: 'no JSON' };
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
