/** A bare HTTP server on the loopback address that says exactly the bytes a test wants, whoever's wire that is. */

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AdapterEvent, AssistantPart, PreparedRequest } from '../../../src/request/index.js';
import { partsOf, preparedRequest } from './requests.js';

export interface Recorded {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export type Step = (response: ServerResponse) => void | Promise<void>;

export interface RawServer {
  readonly url: string;
  readonly requests: Recorded[];
  /** Sockets that were ever opened. */
  readonly connections: () => number;
  /** Resolves when the client has closed a socket before the answer was complete. */
  readonly hungUp: Promise<void>;
  /** What the next requests are answered with, in order; the last step stays. */
  answer(...steps: Step[]): void;
  close(): Promise<void>;
}

export async function startRawServer(): Promise<RawServer> {
  const requests: Recorded[] = [];
  const sockets = new Set<Socket>();
  let steps: Step[] = [];
  let connections = 0;
  let reportHangUp = (): void => undefined;
  const hungUp = new Promise<void>((resolve) => (reportHangUp = resolve));
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    response.on('close', () => {
      if (!response.writableFinished) reportHangUp();
    });
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      requests.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(text) });
      const step = steps.length > 1 ? steps.shift() : steps[0];
      void step?.(response);
    });
  });
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    hungUp,
    answer: (...next) => {
      steps = next;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const stream =
  (text: string, headers: Record<string, string> = {}): Step =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    response.end(text);
  };

/** Every byte in a write of its own, so that no character and no line arrives whole. */
export const byteByByte =
  (text: string): Step =>
  async (response) => {
    response.socket?.setNoDelay(true);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const byte of Buffer.from(text, 'utf8')) {
      response.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };

/** Says the text and drops the connection. */
export const cutAfter =
  (text: string): Step =>
  async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (text !== '') response.write(text);
    await sleep(20);
    response.destroy();
  };

/** Says the text and then nothing more, for as long as the client waits. */
export const hangAfter =
  (text: string): Step =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text);
  };

export const answerWith =
  (status: number, body: unknown, headers: Record<string, string> = {}): Step =>
  (response) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, {
      'content-type': typeof body === 'string' ? 'text/html' : 'application/json',
      ...headers,
    });
    response.end(text);
  };

export function prepared(given: Partial<PreparedRequest> = {}): PreparedRequest {
  return preparedRequest({ modelId: 'some-model', ...given });
}

/** Reads a stream to its end; what it threw is returned beside what had come. */
export async function collect(
  events: AsyncIterable<AdapterEvent>,
): Promise<{ events: AdapterEvent[]; parts: AssistantPart[]; thrown: unknown }> {
  const seen: AdapterEvent[] = [];
  let thrown: unknown;
  try {
    for await (const event of events) seen.push(event);
  } catch (error) {
    thrown = error;
  }
  return { events: seen, parts: partsOf(seen), thrown };
}

/** A picture of one pixel. */
export const pngBase64 =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export const png = {
  type: 'bytes',
  bytes: Uint8Array.from(Buffer.from(pngBase64, 'base64')),
  base64: pngBase64,
  mediaType: 'image/png',
  sha256: '0'.repeat(64),
  width: 1,
  height: 1,
  orientation: 1,
} as const;

export function bytesOf(
  mediaType: string,
  text: string,
): {
  type: 'bytes';
  bytes: Uint8Array;
  base64: string;
  mediaType: string;
  sha256: string;
} {
  const bytes = Uint8Array.from(Buffer.from(text, 'utf8'));
  return { type: 'bytes', bytes, base64: Buffer.from(bytes).toString('base64'), mediaType, sha256: '0'.repeat(64) };
}
