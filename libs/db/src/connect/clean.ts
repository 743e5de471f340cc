// What Postgres refuses inside text and jsonb (NUL, lone surrogates) becomes U+FFFD on the way in. Pure. Without it one
// message that quotes such a posting could not be settled for ever, and would fail its batch with it.
const REPLACEMENT = '\uFFFD';

export function cleanText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', REPLACEMENT) : wellFormed;
}

/** Cleans a JSON text: there these characters stand as escapes, since JSON.stringify escapes both. */
export function cleanJson(json: string): string {
  if (!json.includes('\\u')) return json;
  return json.replaceAll(/\\(u0000|u[dD][89a-fA-F][0-9a-fA-F]{2}|[\s\S])/g, (escape, after: string) =>
    after.length === 5 ? REPLACEMENT : escape,
  );
}

/** A value as a JSON text that Postgres takes; `undefined` and what is no JSON become null. */
export function toJson(value: unknown): string {
  return cleanJson(JSON.stringify(value) ?? 'null');
}

/** uuids, numbers or booleans as one array literal: cheaper to parse than a list of parameters. */
export function arrayLiteral(values: readonly (string | number | boolean)[]): string {
  return `{${values.join(',')}}`;
}
