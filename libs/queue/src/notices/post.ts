// One POST to the operator's address, bounded in time and in what is read of the answer. It counts as taken where the status
// is 2xx and the answer came to its end, or to more than is read. A redirect is not followed. What it tells of a failure
// is a code, never the address, which is a secret.
import { request as requestPlainly, type IncomingMessage } from 'node:http';
import { request as requestByTls } from 'node:https';
import type { Clock } from '@jobhive/config';
import { headersOf } from './body.ts';

export type PostResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };
/** Rejects only with the reason of an aborted signal. */
export type Post = (body: string, signal: AbortSignal) => Promise<PostResult>;

export interface PostOptions {
  readonly url: string;
  readonly secret: string | undefined;
  readonly clock: Clock;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5000;
const READ_BYTES_MAX = 65_536;

export function createPost({ url, secret, clock, timeoutMs = TIMEOUT_MS }: PostOptions): Post {
  const target = new URL(url);
  return async (body, signal) => {
    const overdue = AbortSignal.timeout(timeoutMs);
    try {
      const headers = headersOf(body, clock.now(), secret);
      const status = await exchange(target, { headers, body, signal: AbortSignal.any([signal, overdue]) });
      return status >= 200 && status < 300 ? { ok: true } : { ok: false, reason: `status_${String(status)}` };
    } catch (error) {
      signal.throwIfAborted();
      return { ok: false, reason: overdue.aborted ? 'timeout' : codeOf(error) };
    }
  };
}

interface Exchange {
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** The status of the answer, once it has been read. */
function exchange(target: URL, { headers, body, signal }: Exchange): Promise<number> {
  return new Promise((resolve, reject) => {
    const ask = target.protocol === 'https:' ? requestByTls : requestPlainly;
    const request = ask(target, { method: 'POST', headers, signal, agent: false });
    request.on('error', reject);
    request.on('response', (response: IncomingMessage) => {
      const status = response.statusCode ?? 0;
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= READ_BYTES_MAX) return;
        resolve(status);
        request.destroy();
      });
      response.on('end', () => resolve(status));
      response.on('error', reject);
    });
    request.end(body);
  });
}

/** As Node has it (ECONNREFUSED, ENOTFOUND, CERT_HAS_EXPIRED); its message would name the host. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'failed';
}
