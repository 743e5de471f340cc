/** A receiver of webhooks that behaves as it is told, and keeps what it was sent, in order. */
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * - `takes`: 204 at once
 * - `refuses`: 500
 * - `moved`: a redirect to itself
 * - `slow`: no answer for as long as anybody waits
 * - `cuts`: closes in the middle of its answer
 * - `talks`: 200 and an answer without an end
 */
export type Manner = 'takes' | 'refuses' | 'moved' | 'slow' | 'cuts' | 'talks';

export interface ReceivedWebhook {
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
  readonly manner: Manner;
}

export interface WebhookReceiver {
  readonly url: string;
  manner: Manner;
  readonly received: readonly ReceivedWebhook[];
  /** How many it had in hand at once, at the most. */
  readonly atOnceMax: number;
  /** Away: its port refuses. */
  close(): Promise<void>;
  open(): Promise<void>;
}

export async function startWebhookReceiver(path = '/hook'): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  let port = 0;
  let inHand = 0;
  let server: Server | undefined;
  const receiver = { manner: 'takes' as Manner, atOnceMax: 0 };
  const open = async (): Promise<void> => {
    const opened = createServer((request, response) => {
      inHand += 1;
      receiver.atOnceMax = Math.max(receiver.atOnceMax, inHand);
      response.on('close', () => (inHand -= 1));
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { manner } = receiver;
        received.push({ body: Buffer.concat(chunks).toString(), headers: request.headers, manner });
        answer(response, manner);
      });
    });
    await new Promise<void>((resolve) => opened.listen(port, '127.0.0.1', resolve));
    port = (opened.address() as AddressInfo).port; // a TCP server's address is never a string
    server = opened;
  };
  await open();
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${String(port)}${path}`,
    received,
    open,
    close: async () => {
      const closing = server;
      server = undefined;
      closing?.closeAllConnections();
      await new Promise((resolve) => (closing === undefined ? resolve(undefined) : closing.close(resolve)));
    },
  });
}

function answer(response: ServerResponse, manner: Manner): void {
  switch (manner) {
    case 'takes':
      return void response.writeHead(204).end();
    case 'refuses':
      return void response.writeHead(500).end('no');
    case 'moved':
      return void response.writeHead(307, { location: '/elsewhere' }).end();
    case 'slow':
      return;
    case 'cuts':
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
      return;
    case 'talks': {
      response.writeHead(200);
      const talk = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', talk);
      };
      talk();
    }
  }
}
