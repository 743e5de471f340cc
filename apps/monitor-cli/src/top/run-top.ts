// `top` from its first frame to its last: takes the terminal, draws, reads keys, looks at the stores, and gives the terminal
// back however it ends. It ends with 0 by a key, by a signal, when its terminal is closed, and when the program that
// started it has gone (a wrapper that was killed), since nobody would see it then.
import { render } from 'ink';
import { createElement } from 'react';
import type { Setting } from '../command.ts';
import type { Act } from './act.ts';
import { perform } from './act.ts';
import { createFeed, type Feed } from './feed.ts';
import { FrameStream } from './frame-stream.ts';
import type { Press } from './key-press.ts';
import { onPress } from './on-press.ts';
import { createPainter } from './painter.ts';
import { Screen } from './screen.tsx';
import { initialState, type State } from './state.ts';
import { createStore, type Store } from './store.ts';
import { takeTerminal, type TerminalStreams } from './terminal.ts';

const PARENT_LOOK_MS = 1000;

const sizeOf = ({ columns, rows }: NodeJS.WriteStream): State['size'] => ({ columns: columns || 80, rows: rows || 24 });

async function act(what: Act, setting: Setting, store: Store, feed: Feed): Promise<void> {
  const doing = what.kind.replace('_', ' ');
  store.set({ doing });
  const onDone = (done: number): void => store.set({ doing: `${doing}: ${String(done)} done` });
  try {
    const { open, by, shutdown: signal } = setting;
    const text = await perform(what, { queue: open.queue, by, signal, onDone });
    store.set({ doing: undefined, notice: { text, bad: false } });
  } catch (error) {
    store.set({
      doing: undefined,
      notice: { text: error instanceof Error ? error.message : String(error), bad: true },
    });
  }
  feed.look();
}

/** Resolves when nobody looks any more: asked to end, terminal closed, starter gone. */
function nobodyLooks({ stdin }: TerminalStreams, shutdown: AbortSignal, release: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const parent = process.ppid;
    const look = setInterval(() => process.ppid !== parent && leave(), PARENT_LOOK_MS);
    const leave = (): void => {
      clearInterval(look);
      resolve();
    };
    for (const event of ['end', 'close', 'error']) stdin.once(event, leave);
    for (const signal of [shutdown, release]) signal.addEventListener('abort', leave, { once: true });
    if (shutdown.aborted) leave();
  });
}

export async function runTop(setting: Setting, streams: TerminalStreams): Promise<void> {
  const { open, out, clock, shutdown } = setting;
  const { stdin, stdout } = streams;
  const store = createStore(initialState(sizeOf(stdout)));
  const quit = new AbortController();
  const terminal = takeTerminal(streams);
  const painter = createPainter((text) => terminal.write(text), clock);
  const frames = new FrameStream(
    () => store.state().size,
    (frame) => painter.show(frame),
  );
  const feed = createFeed(open, store, clock);
  const press = (one: Press): void => {
    const { state, effect } = onPress(store.state(), one);
    store.set(state);
    if (effect?.kind === 'quit') quit.abort();
    if (effect?.kind === 'look') feed.look();
    if (effect?.kind === 'act') void act(effect.act, setting, store, feed);
  };
  const resized = (): void => {
    store.set({ size: sizeOf(stdout) });
    painter.resized();
  };
  stdout.on('resize', resized);
  const screen = createElement(Screen, { store, paint: out.paint, now: () => clock.now(), onPress: press });
  // Of a terminal Ink asks for columns, rows and write alone: a FrameStream has them.
  const target = frames as unknown as NodeJS.WriteStream;
  const ink = render(screen, { stdout: target, stdin, debug: true, exitOnCtrlC: false, patchConsole: false });
  try {
    feed.start();
    await Promise.race([nobodyLooks(streams, shutdown, quit.signal), ink.waitUntilExit()]);
  } finally {
    painter.stop();
    stdout.off('resize', resized);
    ink.unmount();
    terminal.giveBack();
    await feed.stop();
  }
}
