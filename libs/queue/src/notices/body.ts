// What is sent of a notice, and how it is signed. Pure. A receiver that computes the same HMAC over what it got knows that
// it comes from here, and that nobody changed it; that it is no old one sent again, it tells by the time.
import { createHmac } from 'node:crypto';
import type { Notice } from '@jobhive/db';

/** The JSON of the contract, `{id, kind, job_id, fingerprint, at}`; a burst also has `count` and `job_ids`. */
export function bodyOf({ id, kind, jobId, fingerprint, at, gathered }: Notice): string {
  const burst = gathered === null ? {} : { count: gathered.count, job_ids: gathered.jobIds };
  return JSON.stringify({ id, kind, job_id: jobId, fingerprint, at: at.toISOString(), ...burst });
}

/** Seconds since the epoch, as the header has them. */
export const timestampOf = (now: Date): string => String(Math.floor(now.getTime() / 1000));

/** @returns `sha256=HEX`, of HMAC-SHA256 over `T.BODY` */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

/** Without a secret there is nothing to sign with: such a POST has its time only. */
export function headersOf(body: string, now: Date, secret: string | undefined): Record<string, string> {
  const timestamp = timestampOf(now);
  return {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'jobhive',
    'x-jobhive-timestamp': timestamp,
    ...(secret === undefined ? {} : { 'x-jobhive-signature': signatureOf(secret, timestamp, body) }),
  };
}
