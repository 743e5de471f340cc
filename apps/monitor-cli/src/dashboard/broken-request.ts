// What is answered to bytes that are no HTTP, or came too slowly or too many: a problem document, and the end of the
// connection. There is no request yet, so none of the guard's questions were asked.
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { NOT_KEPT } from './access/security-headers.ts';
import { PROBLEM_TYPE, type Problem } from './problem.ts';

const BY_CODE: Readonly<Record<string, { status: number; detail: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'the headers are too large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'the request did not come in time' },
};
const MALFORMED = { status: 400, detail: 'this is no HTTP request' };

export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const { status, detail } = BY_CODE[error.code ?? ''] ?? MALFORMED;
  const title = STATUS_CODES[status] ?? 'Error';
  const body = JSON.stringify({ type: 'about:blank', title, status, code: 'malformed', detail } satisfies Problem);
  const head = [
    `HTTP/1.1 ${String(status)} ${title}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${String(Buffer.byteLength(body))}`,
    `cache-control: ${NOT_KEPT}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
