/**
 * Kinds of values: each a schema that takes the text of a variable, and the words for what it allows. A text is taken as
 * it stands: no blanks around a number, no `1e3`, no `10abc`. Lists alone may have blanks around their commas.
 */
import * as z from 'zod';

export interface Kind<T> {
  /** Completes the sentence "… is allowed". */
  readonly allowed: string;
  readonly schema: z.ZodType<T, string>;
}

/** What fits a timer and Postgres' integer in milliseconds; the contract's bound on all times. */
const SECONDS_MAX = 2_147_483;
const WHOLE_MAX = 2_147_483_647;

/** A kind from a function that gives undefined for what is not allowed. */
export function kind<T>(allowed: string, parse: (text: string) => T | undefined): Kind<T> {
  const schema = z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: allowed });
    return z.NEVER;
  });
  return { allowed, schema };
}

export function wholeNumber(min: number, max = WHOLE_MAX): Kind<number> {
  const allowed = max === WHOLE_MAX ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`;
  return kind(allowed, (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  });
}

export const seconds = (min: number): Kind<number> => wholeNumber(min, SECONDS_MAX);

export const port = wholeNumber(1, 65_535);

export const boolean = kind('true or false', (text) => (text === 'true' ? true : text === 'false' ? false : undefined));

export function oneOf<const T extends string>(...words: readonly T[]): Kind<T> {
  return kind(`one of ${words.join(', ')}`, (text) => words.find((word) => word === text));
}

export const anyText = kind('any text', (text) => text);

export function textLike(allowed: string, pattern: RegExp): Kind<string> {
  return kind(allowed, (text) => (pattern.test(text) ? text : undefined));
}

export const queueName = textLike('a name of letters, digits, _, - and .', /^[A-Za-z0-9_.-]+$/);

export const tokenText = textLike('text without blanks, of visible ASCII characters', /^[\x21-\x7e]+$/);

/** Items between commas, none empty, without the blanks around them. */
export function list<T>(allowed: string, parseItem: (item: string) => T | undefined): Kind<readonly T[]> {
  return kind(allowed, (text) => {
    const items = text.split(',').map((item) => parseItem(item.trim()));
    const values = items.filter((item) => item !== undefined);
    return values.length === items.length ? values : undefined;
  });
}

export const secondsList = list(`seconds from 0 to ${SECONDS_MAX}, separated by commas, none empty,`, (item) => {
  const value = /^\d+(\.\d+)?$/.test(item) ? Number(item) : Number.NaN;
  return value <= SECONDS_MAX ? value : undefined;
});

export const sourceList = list('a list of sources such as file:PATH, separated by commas, none empty,', (item) =>
  item === '' ? undefined : item,
);

/** An http(s) address; what paths are appended to has none of its own that ends with a slash, and no parameters. */
export function httpAddress(use: 'base' | 'whole'): Kind<string> {
  const allowed = use === 'base' ? 'an address such as https://example.org, without parameters,' : 'an http(s) address';
  return kind(allowed, (text) => {
    const url = /^https?:\/\/[^\s]+$/.test(text) && URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || (use === 'whole' ? false : hasMoreThanPath(url))) return undefined;
    return use === 'whole' ? text : text.replace(/\/+$/, '');
  });
}

const hasMoreThanPath = (url: URL): boolean => url.username !== '' || url.password !== '' || /[?#]/.test(url.href);
