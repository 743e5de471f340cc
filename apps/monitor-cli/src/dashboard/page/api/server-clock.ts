// The server's clock, as its answers tell it: "3 s ago" must be true on a phone whose clock is wrong. A difference counts as none
// where the second of an HTTP date, or how long the answer took, may explain it.

const BELIEVED_FROM_MS = 2_000;
let offsetMs = 0;

/** @param date the header of an answer that has just come @param askedAtMs when it was asked for, by the page's clock */
export function noteServerTime(date: string | null, askedAtMs: number): void {
  const told = Date.parse(date ?? '');
  if (Number.isNaN(told)) return;
  const halfwayMs = (Date.now() - askedAtMs) / 2;
  const difference = told + 500 - (askedAtMs + halfwayMs); // the header is cut to the second
  offsetMs = Math.abs(difference) < BELIEVED_FROM_MS + halfwayMs ? 0 : difference;
}

export function serverNow(): Date {
  return new Date(Date.now() + offsetMs);
}
