// What comes from outside, in one line that a terminal can show: no control characters, no line breaks, no marks that
// turn the direction of the text. Pure.
const UNSHOWN = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu;

export function oneLine(text: string): string {
  return text.replace(UNSHOWN, ' ').toWellFormed();
}
