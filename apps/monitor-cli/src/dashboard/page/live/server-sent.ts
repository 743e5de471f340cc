// The text of an event stream, piece by piece, into its events (HTML, "server-sent events"): a comment is an event without a
// name and data, so that whoever waits sees that the other side lives. Pure but for the half line it keeps.

export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

export interface ServerSentParser {
  /** Whole events of what has come so far. */
  readonly push: (piece: string) => ServerEvent[];
}

function eventOf(block: string): ServerEvent | undefined {
  let name = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, field, value = ''] = /^([a-z]+)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === 'event') name = value;
    if (field === 'data') data.push(value);
  }
  return data.length === 0 ? undefined : { name, data: data.join('\n') };
}

export function serverSentParser(): ServerSentParser {
  let rest = '';
  return {
    push: (piece) => {
      const text = rest + piece;
      const half = text.endsWith('\r') ? '\r' : ''; // its line feed may come with the next piece
      const blocks = text
        .slice(0, text.length - half.length)
        .replace(/\r\n?/g, '\n')
        .split('\n\n');
      rest = (blocks.pop() ?? '') + half;
      return blocks.map(eventOf).filter((event) => event !== undefined);
    },
  };
}
