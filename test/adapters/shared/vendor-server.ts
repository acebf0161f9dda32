/** A real HTTP server on the loopback address that answers as a test says; what it was sent can be looked at. */

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll } from 'vitest';

interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
  /** Resolves when the client has closed the connection before the answer was complete. */
  readonly closedEarly: Promise<void>;
  /** The client's port: equal for calls that share a connection. */
  readonly port: number | undefined;
}

export type Answer = (response: ServerResponse, request: SeenRequest) => void | Promise<void>;

export interface VendorServer {
  /** With `/v1`. */
  readonly baseURL: string;
  readonly requests: readonly SeenRequest[];
  /** Answers for the next requests, one each; the last one is kept. */
  answer(...answers: readonly Answer[]): void;
  close(): Promise<void>;
}

export async function startVendorServer(): Promise<VendorServer> {
  const requests: SeenRequest[] = [];
  let answers: Answer[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const closedEarly = new Promise<void>((resolve) => {
        response.on('close', () => {
          if (!response.writableFinished) resolve();
        });
      });
      const request: SeenRequest = {
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
        closedEarly,
        port: incoming.socket.remotePort,
      };
      requests.push(request);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      void Promise.resolve(answer?.(response, request));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    requests,
    answer: (...next) => {
      answers = [...next];
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Server-sent events, each with its `event:` line where the event has a type. */
function eventText(event: unknown): string {
  const type = (event as { type?: unknown }).type;
  return `${typeof type === 'string' ? `event: ${type}\n` : ''}data: ${JSON.stringify(event)}\n\n`;
}

export function streamOf(events: readonly unknown[], tail = ''): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) response.write(eventText(event));
    response.end(tail);
  };
}

/** The stream in TCP chunks of a few bytes, which cut characters and lines anywhere. */
export function drippedStreamOf(events: readonly unknown[], bytesPerChunk: number): Answer {
  return async (response) => {
    response.socket?.setNoDelay(true);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const bytes = Buffer.from(events.map(eventText).join(''), 'utf8');
    for (let from = 0; from < bytes.length; from += bytesPerChunk) {
      response.write(bytes.subarray(from, from + bytesPerChunk));
      await wait(0);
    }
    response.end();
  };
}

/** Some events, then the socket is destroyed without the end-of-body mark. */
export function cutStreamOf(events: readonly unknown[]): Answer {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) response.write(eventText(event));
    await wait(20);
    response.socket?.destroy();
  };
}

/** Some events, then nothing, with the connection open. */
export function endlessStreamOf(events: readonly unknown[]): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) response.write(eventText(event));
  };
}

export function jsonAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

export function textAnswer(status: number, contentType: string, text: string): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': contentType });
    response.end(text);
  };
}

/** The server of a whole test file, silent again after each test, and what Node called an unhandled rejection meanwhile. */
export function serverOfThisFile(): Omit<VendorServer, 'close'> & { readonly unhandled: readonly unknown[] } {
  let started: VendorServer | undefined;
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => {
    unhandled.push(reason);
  };
  beforeAll(async () => {
    started = await startVendorServer();
    process.on('unhandledRejection', onUnhandled);
  });
  afterAll(async () => {
    process.off('unhandledRejection', onUnhandled);
    await started?.close();
  });
  afterEach(() => started?.answer());
  const running = (): VendorServer => {
    if (started === undefined) throw new Error('The server starts before the first test.');
    return started;
  };
  return {
    unhandled,
    get baseURL() {
      return running().baseURL;
    },
    get requests() {
      return running().requests;
    },
    answer: (...answers) => running().answer(...answers),
  };
}
