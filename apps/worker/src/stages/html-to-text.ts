/**
 * HTML to plain text in one pass over it, in time that grows with its length: blocks become lines, items get a dash,
 * scripts, styles and comments go, entities are decoded. It is made for reading, not for showing: nothing it returns is
 * safe to put into a page. A text without markup comes back as it is, but for entities.
 */
import { decodeEntities } from './entities.ts';

const TAG_NAME = /^\/?([a-z][a-z0-9]*)/i;
const HIDDEN: ReadonlySet<string> = new Set(['script', 'style', 'template', 'noscript', 'title', 'svg']);
const BLOCKS: ReadonlySet<string> = new Set(
  'address article aside blockquote br dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr main nav ol p pre section table tr ul'.split(
    ' ',
  ),
);

export function htmlToText(html: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open === -1) break;
    parts.push(html.slice(at, open));
    const { text, next } = markup(html, open);
    parts.push(text);
    at = next;
  }
  parts.push(html.slice(at));
  return decodeEntities(parts.join(''));
}

interface Markup {
  /** What stands for it in the text. */
  readonly text: string;
  readonly next: number;
}

/** What begins with the `<` at `open`: a comment, a tag, or only a sign. */
function markup(html: string, open: number): Markup {
  if (html.startsWith('<!--', open)) return { text: '', next: after(html, '-->', open + 4) };
  if (html.startsWith('<!', open) || html.startsWith('<?', open)) return { text: '', next: after(html, '>', open) };
  const name = TAG_NAME.exec(html.slice(open + 1, open + 40))?.[1]?.toLowerCase();
  if (name === undefined) return { text: '<', next: open + 1 };
  const next = endOfTag(html, open);
  if (HIDDEN.has(name) && html[open + 1] !== '/') return { text: '', next: endOfHidden(html, name, next) };
  if (name === 'li') return { text: html[open + 1] === '/' ? '' : '\n- ', next };
  if (name === 'td' || name === 'th') return { text: ' ', next };
  return { text: BLOCKS.has(name) ? '\n' : '', next };
}

/** Behind the `>` that closes the tag; one in a quoted value does not. */
function endOfTag(html: string, open: number): number {
  let quote = '';
  for (let at = open + 1; at < html.length; at += 1) {
    const sign = html.charAt(at);
    if (quote !== '') {
      if (sign === quote) quote = '';
    } else if (sign === '>') {
      return at + 1;
    } else if ((sign === '"' || sign === "'") && html[at - 1] === '=') {
      quote = sign;
    }
  }
  return html.length;
}

function endOfHidden(html: string, name: string, from: number): number {
  const close = new RegExp(`</${name}`, 'gi');
  close.lastIndex = from;
  const found = close.exec(html);
  return found === null ? html.length : after(html, '>', found.index);
}

function after(html: string, sign: string, from: number): number {
  const at = html.indexOf(sign, from);
  return at === -1 ? html.length : at + sign.length;
}
