// A press of a key: the next state, and what is to be done beside (look again, act, quit). Pure. Before all else stands what
// waits for an answer: a question, then the filter that is typed, then the help, then the page of a job.
import type { Act } from './act.ts';
import type { Press } from './key-press.ts';
import { lineMax } from './view/body-lines.ts';
import { FRAME_ROWS } from './view/frame-lines.ts';
import { jobMeant, keysShown, markedAt, TABS, type State, type Tab } from './state.ts';

export type Effect =
  { readonly kind: 'quit' } | { readonly kind: 'look' } | { readonly kind: 'act'; readonly act: Act };

export interface Next {
  readonly state: State;
  readonly effect?: Effect;
}

const FILTER_MAX = 200;
const FAR = 1_000_000;
const LOOK: Effect = { kind: 'look' };
const QUIT: Effect = { kind: 'quit' };

const told = (state: State, text: string): Next => ({ state: { ...state, notice: { text, bad: true } } });

function answer(state: State, act: Act, press: Press): Next {
  const yes = 'text' in press && press.text.toLowerCase() === 'y';
  const closed = { ...state, question: undefined };
  return yes ? { state: closed, effect: { kind: 'act', act } } : { state: closed };
}

function type(state: State, typed: string, press: Press): Next {
  if ('text' in press) return { state: { ...state, typing: `${typed}${press.text}`.slice(0, FILTER_MAX) } };
  if (press.named === 'rubout') return { state: { ...state, typing: [...typed].slice(0, -1).join('') } };
  if (press.named === 'escape') return { state: { ...state, typing: undefined } };
  if (press.named !== 'enter') return { state };
  return filtered({ ...state, typing: undefined }, typed.trim());
}

function filtered(state: State, filter: string): Next {
  const { tab } = state;
  return {
    state: {
      ...state,
      filters: { ...state.filters, [tab]: filter },
      marks: { ...state.marks, [tab]: { key: undefined, at: 0 } },
      seen: { ...state.seen, ...(tab === 'jobs' || tab === 'failed' ? { [tab]: undefined } : {}) },
    },
    effect: LOOK,
  };
}

function toTab(state: State, tab: Tab | undefined): Next {
  if (tab === undefined) return { state };
  return { state: { ...state, tab, open: undefined }, effect: LOOK };
}

function move(state: State, by: number): Next {
  if (state.open !== undefined) {
    const line = Math.max(0, Math.min(lineMax(state), state.open.line + by));
    return { state: { ...state, open: { ...state.open, line } } };
  }
  const keys = keysShown(state);
  const at = Math.max(0, Math.min(keys.length - 1, markedAt(state) + by));
  return { state: { ...state, marks: { ...state.marks, [state.tab]: { key: keys[at], at } } } };
}

function opened(state: State): Next {
  if (state.open !== undefined) return { state };
  const jobId = jobMeant(state);
  if (jobId === undefined) return state.tab === 'workers' ? told(state, 'This worker has nothing in hand.') : { state };
  const seen = { ...state.seen, detail: undefined };
  return { state: { ...state, seen, open: { jobId, line: 0 } }, effect: LOOK };
}

function escaped(state: State): Next {
  if (state.open !== undefined) return { state: { ...state, open: undefined }, effect: LOOK };
  return state.filters[state.tab] === '' ? { state } : filtered(state, '');
}

function named(state: State, press: Extract<Press, { named: string }>): Next {
  const page = Math.max(1, state.size.rows - FRAME_ROWS - 3);
  switch (press.named) {
    case 'up':
      return move(state, -1);
    case 'down':
      return move(state, 1);
    case 'pageup':
      return move(state, -page);
    case 'pagedown':
      return move(state, page);
    case 'home':
      return move(state, -FAR);
    case 'end':
      return move(state, FAR);
    case 'enter':
      return opened(state);
    case 'escape':
      return escaped(state);
    case 'tab':
      return toTab(state, TABS[(TABS.indexOf(state.tab) + 1) % TABS.length]);
    case 'backtab':
      return toTab(state, TABS.at(TABS.indexOf(state.tab) - 1));
    case 'interrupt':
      return { state, effect: QUIT };
    case 'rubout':
      return { state };
  }
}

function ask(state: State, act: Act): Next {
  if (state.doing !== undefined) return told(state, `One thing after the other: ${state.doing} is not done yet.`);
  return { state: { ...state, question: act } };
}

function askForJob(state: State, kind: 'retry' | 'cancel' | 'discard'): Next {
  const jobId = jobMeant(state);
  return jobId === undefined
    ? told(state, `No job is marked to ${kind}; choose one of jobs or failed.`)
    : ask(state, { kind, jobId });
}

function askForGroup(state: State): Next {
  const id = jobMeant(state);
  const fingerprint =
    state.tab === 'failed' ? state.seen.failed?.find(({ job_id }) => job_id === id)?.fingerprint : undefined;
  const group = state.seen.groups?.find((one) => one.fingerprint === fingerprint);
  if (group === undefined) return told(state, 'No group is marked to retry; choose a job of failed.');
  return ask(state, { kind: 'retry_group', fingerprint: group.fingerprint, count: group.count });
}

const CHARACTERS: Readonly<Record<string, (state: State) => Next>> = {
  q: (state) => ({ state, effect: QUIT }),
  '?': (state) => ({ state: { ...state, help: true } }),
  '/': (state) =>
    state.tab === 'queue'
      ? told(state, 'There is nothing to filter here.')
      : { state: { ...state, open: undefined, typing: state.filters[state.tab] } },
  j: (state) => move(state, 1),
  k: (state) => move(state, -1),
  r: (state) => askForJob(state, 'retry'),
  R: askForGroup,
  c: (state) => askForJob(state, 'cancel'),
  d: (state) => askForJob(state, 'discard'),
  p: (state) => ask(state, { kind: state.seen.status?.paused === true ? 'resume' : 'pause' }),
};

function pressed(state: State, press: Press): Next {
  if ('named' in press) return named(state, press);
  const tab = TABS[Number(press.text) - 1];
  if (tab !== undefined) return toTab(state, tab);
  return CHARACTERS[press.text]?.(state) ?? { state };
}

export function onPress(before: State, press: Press): Next {
  if ('named' in press && press.named === 'interrupt') return { state: before, effect: QUIT };
  const state = { ...before, notice: undefined };
  if (state.question !== undefined) return answer(state, state.question, press);
  if (state.typing !== undefined) return type(state, state.typing, press);
  if (state.help)
    return 'text' in press && press.text === 'q' ? { state, effect: QUIT } : { state: { ...state, help: false } };
  return pressed(state, press);
}
