/** Fake vendors over real HTTP: they speak a wire format exactly as its SDK expects, answer by script and can go wrong in every way. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { JsonValue } from '../request/index.js';
import { planAnswer } from './answer-plan.js';
import { maskedHeaders, maskedPath, type RecordedRequest, type RequestOutcome } from './recorded-request.js';
import { realClock } from './script-clock.js';
import type { ServerAnswer, ServerStep } from './server-step.js';
import { problemOf } from './strict/index.js';
import { wires } from './wires/index.js';
import type { RenderContext, Route, Wire, WireName } from './wires/wire.js';
import { writeAnswer } from './write-answer.js';

export interface FakeServerOptions {
  /** The wire format it speaks. */
  readonly wire: WireName;
  /** One step per request for an answer, in order. */
  readonly script?: readonly ServerAnswer[];
  /** Answers when the script is used up; default: the text `Hello.`. */
  readonly default?: ServerAnswer;
  /** Tokens that the count endpoint says, or a step to answer with; default 42. The script is not used for it. */
  readonly countTokens?: number | ((request: RecordedRequest) => number | ServerStep);
  /** Refuse with 400 what the vendor would refuse, before the script is asked. Default false. */
  readonly strict?: boolean;
  /** How many requests are remembered; older ones are forgotten. Default 1,000. */
  readonly keepRequests?: number;
}

/** A running fake server. Close it when done. */
export interface FakeServer {
  readonly wire: WireName;
  /** What to give the vendor's SDK as its base URL. */
  readonly url: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Requests so far, in order. */
  readonly requests: readonly RecordedRequest[];
  /** Connections that are open now; a client may keep one open for its next request. */
  readonly openConnections: number;
  /** Requests that are not over yet. */
  readonly openRequests: number;
  /** Adds steps. */
  script(...steps: readonly ServerAnswer[]): void;
  /** Replaces the step that answers when the script is used up. */
  setDefault(step: ServerAnswer): void;
  /** Forgets requests and remaining steps; the default step stays. */
  reset(): void;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/**
 * Starts a fake server on a free port of 127.0.0.1.
 *
 * @example
 * const server = await createFakeServer({ wire: 'openai' });
 * server.script({ error: 'rate-limit', retryAfterMs: 2_000 }, { reply: { text: ['Th', 'ree.'] }, cutAfterEvents: 'first-text' });
 * const client = new OpenAI({ apiKey: 'any', baseURL: server.url });
 * await server.close();
 */
export async function createFakeServer(options: FakeServerOptions): Promise<FakeServer> {
  const state: ServerState = {
    wire: wires[options.wire],
    steps: [...(options.script ?? [])],
    fallback: options.default ?? { reply: { text: 'Hello.' } },
    countTokens: options.countTokens ?? 42,
    keepRequests: options.keepRequests ?? 1_000,
    strict: options.strict ?? false,
    name: options.wire,
    requests: [],
    open: 0,
    served: 0,
  };
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    void handle(request, response, state);
  });
  // Longer than any client keeps an idle connection, so that none is closed under a request that is just being sent.
  server.keepAliveTimeout = 120_000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    wire: options.wire,
    origin,
    url: `${origin}${state.wire.basePath}`,
    requests: state.requests,
    get openConnections() {
      return sockets.size;
    },
    get openRequests() {
      return state.open;
    },
    script: (...steps) => {
      state.steps.push(...steps);
    },
    setDefault: (step) => {
      state.fallback = step;
    },
    reset: () => {
      state.requests.length = 0;
      state.steps = [];
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

interface ServerState {
  readonly wire: Wire;
  steps: ServerAnswer[];
  fallback: ServerAnswer;
  readonly countTokens: number | ((request: RecordedRequest) => number | ServerStep);
  readonly keepRequests: number;
  readonly strict: boolean;
  readonly name: WireName;
  readonly requests: RecordedRequest[];
  open: number;
  served: number;
}

type MutableRequest = { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] };

async function handle(request: IncomingMessage, response: ServerResponse, state: ServerState): Promise<void> {
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  state.open += 1;
  const number = (state.served += 1);
  let settle: (outcome: RequestOutcome) => void = () => undefined;
  const ended = new Promise<RequestOutcome>((resolve) => (settle = resolve));
  let outcome: RequestOutcome = 'aborted';
  let record: MutableRequest | undefined;
  try {
    const body = parseBody(await readBody(request));
    const route = state.wire.route(request.method ?? '', request.url ?? '', body);
    record = recordOf(request, body, route, ended);
    remember(record, state);
    outcome = await answer(record, route, response, closed.signal, { number, state });
  } catch {
    // Only a caller who went away gets here: what a script throws is answered as an error.
    outcome = 'aborted';
  } finally {
    state.open -= 1;
    if (record !== undefined) record.aborted = outcome === 'aborted';
    settle(outcome);
  }
}

interface Serving {
  readonly number: number;
  readonly state: ServerState;
}

async function answer(
  record: RecordedRequest,
  route: Route | undefined,
  response: ServerResponse,
  closed: AbortSignal,
  { number, state }: Serving,
): Promise<'answered' | 'cut'> {
  const { wire } = state;
  const context: RenderContext = { model: record.model, number, requestBody: record.body };
  if (wire.requestIdHeader !== undefined) response.setHeader(wire.requestIdHeader, `req_${number}`);
  if (route === undefined) {
    const step: ServerStep = {
      error: 'invalid-request',
      status: 404,
      message: `The fake server has nothing at ${record.method} ${record.path}.`,
    };
    const elsewhere: Route = { endpoint: 'generate', stream: false, model: record.model };
    return writeAnswer(response, planAnswer(step, wire, elsewhere, context), step, wire, closed);
  }
  const step = await stepFor(record, route, state);
  await realClock.sleep(step.delayMs ?? 0, closed);
  return writeAnswer(response, planAnswer(step, wire, route, context), step, wire, closed);
}

async function stepFor(record: RecordedRequest, route: Route, state: ServerState): Promise<ServerStep> {
  const problem = state.strict ? problemOf(state.name, route.endpoint, record.body) : undefined;
  if (problem !== undefined)
    return { error: 'invalid-request', message: `The vendor would refuse this body: ${problem}` };
  try {
    if (route.endpoint === 'count') {
      const tokens = typeof state.countTokens === 'number' ? state.countTokens : state.countTokens(record);
      return typeof tokens === 'number' ? { body: state.wire.count(tokens) } : tokens;
    }
    const next = state.steps.shift() ?? state.fallback;
    return typeof next === 'function' ? await next(record) : next;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { error: 'server', message: `The script of the fake server failed: ${message}` };
  }
}

function recordOf(
  request: IncomingMessage,
  body: JsonValue | undefined,
  route: Route | undefined,
  ended: Promise<RequestOutcome>,
): MutableRequest {
  return {
    method: request.method ?? '',
    path: maskedPath(request.url ?? ''),
    headers: maskedHeaders(request.headers),
    body,
    endpoint: route?.endpoint ?? 'unknown',
    stream: route?.stream ?? false,
    model: route?.model ?? 'unknown',
    aborted: false,
    ended,
  };
}

function remember(record: RecordedRequest, state: ServerState): void {
  if (state.keepRequests <= 0) return;
  state.requests.push(record);
  if (state.requests.length > state.keepRequests) state.requests.shift();
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function parseBody(bytes: Buffer): JsonValue | undefined {
  try {
    return JSON.parse(bytes.toString('utf8')) as JsonValue;
  } catch {
    return undefined;
  }
}
