// The server's clock, as its answers tell it: "3 s ago" must be true on a phone whose clock is wrong. Differences that are
// within the second of an HTTP date count as none.

const BELIEVED_BELOW_MS = 2_000;
let offsetMs = 0;

/** @param date the header of an answer that has just come */
export function noteServerTime(date: string | null): void {
  const told = Date.parse(date ?? '');
  if (Number.isNaN(told)) return;
  const difference = told + 500 - Date.now(); // the header is cut to the second
  offsetMs = Math.abs(difference) < BELIEVED_BELOW_MS ? 0 : difference;
}

export function serverNow(): Date {
  return new Date(Date.now() + offsetMs);
}
