// Colours, where they are wanted: on a terminal that is not dumb, and never with NO_COLOR (https://no-color.org). Else
// every one of them gives the text back as it is.

export interface Paint {
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly blue: (text: string) => string;
  readonly inverse: (text: string) => string;
}

const asIs = (text: string): string => text;
const code =
  (on: number, off: number) =>
  (text: string): string =>
    text === '' ? '' : `\u001b[${String(on)}m${text}\u001b[${String(off)}m`;

export const noPaint: Paint = {
  dim: asIs,
  bold: asIs,
  red: asIs,
  green: asIs,
  yellow: asIs,
  blue: asIs,
  inverse: asIs,
};

const ansiPaint: Paint = {
  dim: code(2, 22),
  bold: code(1, 22),
  red: code(31, 39),
  green: code(32, 39),
  yellow: code(33, 39),
  blue: code(34, 39),
  inverse: code(7, 27),
};

export function paintFor(isTerminal: boolean, env: NodeJS.ProcessEnv): Paint {
  const noColor = env['NO_COLOR'];
  const unwanted = (noColor !== undefined && noColor !== '') || env['TERM'] === 'dumb';
  return isTerminal && !unwanted ? ansiPaint : noPaint;
}
