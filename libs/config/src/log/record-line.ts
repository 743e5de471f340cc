/**
 * A record as one line: JSON for machines, or text for people, coloured or not. Always one line, without control
 * characters, so that nothing that is logged can forge a record or steer a terminal. Pure.
 */
export interface LogRecord {
  readonly level: string;
  readonly message: string;
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

const COLOURS: Readonly<Record<string, number>> = { error: 31, warn: 33, info: 32, debug: 90 };
const GREY = 90;

export function jsonLine({ level, message, timestamp, ...fields }: LogRecord): string {
  return escapeControls(JSON.stringify({ level, message, timestamp, ...fields }));
}

export function textLine({ level, message, timestamp, ...fields }: LogRecord, coloured: boolean): string {
  const paint = (text: string, colour: number): string => (coloured ? `\u001b[${colour}m${text}\u001b[0m` : text);
  const pairs = Object.entries(fields).map(
    ([key, value]) => ` ${paint(`${escapeControls(key)}=`, GREY)}${shown(value)}`,
  );
  const head = `${paint(timestamp, GREY)} ${paint(level.padEnd(5), COLOURS[level] ?? GREY)}`;
  return `${head} ${escapeControls(message)}${pairs.join('')}`;
}

/** A value behind its `=`: bare where that is unmistakable, else as JSON. */
function shown(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"=[\]{}]+$/.test(value)) return escapeControls(value);
  return escapeControls(JSON.stringify(value));
}

function escapeControls(text: string): string {
  // The control characters are the very thing looked for.
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
