// The screen as Ink lays it out, and the keys as Ink reads them. It holds no state: what is shown is a function of the one
// value in the store, and a press goes back to it.
import { Box, Text, useInput } from 'ink';
import { useSyncExternalStore, type ReactNode } from 'react';
import type { Paint } from '../print/style.ts';
import { presses, type Press } from './key-press.ts';
import type { Store } from './store.ts';
import { bodyLines } from './view/body-lines.ts';
import { FRAME_ROWS, headLine, keys, tabsLine, talkLine, troubleLine } from './view/frame-lines.ts';

export interface ScreenProps {
  readonly store: Store;
  readonly paint: Paint;
  readonly now: () => Date;
  readonly onPress: (press: Press) => void;
}

function Line({ text }: { readonly text: string }): ReactNode {
  return <Text wrap="truncate-end">{text === '' ? ' ' : text}</Text>;
}

const COLUMNS_MIN = 30;
const ROWS_MIN = 8;

export function Screen({ store, paint, now, onPress }: ScreenProps): ReactNode {
  const state = useSyncExternalStore(store.subscribe, store.state);
  useInput((input, key) => {
    for (const press of presses(input, key)) onPress(press);
  });
  const { columns, rows } = state.size;
  if (columns < COLUMNS_MIN || rows < ROWS_MIN) return <Line text="too small" />;
  const bodyRows = rows - FRAME_ROWS;
  const body = bodyLines(state, { columns, rows: bodyRows, paint, now: now() }).slice(0, bodyRows);
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Line text={headLine(state, paint)} />
      <Line text={tabsLine(state, paint)} />
      <Line text={troubleLine(state, paint)} />
      <Box flexDirection="column" height={bodyRows}>
        {body.map((text, index) => (
          <Line key={index} text={text} />
        ))}
      </Box>
      <Line text={talkLine(state, paint)} />
      <Line text={keys(state, paint)} />
    </Box>
  );
}
