/** The adapter under test with the other side of its wire, and the few ways in which the cases drive it. */

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import type { Adapter } from '../../../adapters/adapter.js';
import { OcelliError } from '../../errors/index.js';
import type { ModelDescription } from '../../models/index.js';
import type { AdapterEvent, MediaBytes, PreparedMessage, PreparedRequest, Warning } from '../../request/index.js';
import type { FakeServer } from '../fake-server.js';
import type { FeatureRow } from '../feature-matrix.js';
import type { RecordedRequest } from '../recorded-request.js';
import type { ScriptedReply } from '../scripted-reply.js';
import type { ServerAnswer, ServerStep } from '../server-step.js';

/** One case of the suite, independent of any test runner. */
export interface ConformanceCase {
  readonly name: string;
  /** @throws Error that says what was expected and what came */
  readonly run: () => Promise<void>;
}

export interface ConformanceOptions {
  readonly adapter: Adapter;
  /** A model id that the adapter takes. */
  readonly modelId: string;
  /** Default: what the adapter knows or assumes of the model. */
  readonly description?: ModelDescription;
  /** What the adapter claims to carry. */
  readonly features: FeatureRow;
  /** The fake server that the adapter calls. With it errors, faults and the wire itself are tested too. */
  readonly server?: FakeServer;
  /** For an adapter without HTTP: makes the next call answer so. */
  readonly script?: (reply: ScriptedReply) => void;
  /** The key that the adapter was given, to look for it in errors; default {@link conformanceKey}. */
  readonly key?: string;
}

/** Give this key to the adapter under test: the suite looks for it in every error. */
export const conformanceKey = 'sk-conformance-0123456789abcdefghij';

/** Longest wait for anything; a case that hangs fails with a message instead of stopping the run. */
const patienceMs = 10_000;

/** What came of one call. */
export interface Outcome {
  readonly events: readonly AdapterEvent[];
  readonly error: OcelliError | undefined;
}

export class Subject {
  readonly adapter: Adapter;
  readonly features: FeatureRow;
  readonly description: ModelDescription;
  readonly key: string;
  /** The signal of calls that nobody aborts; one for all, as in a program that passes the same one to every call. */
  readonly #quiet = new AbortController().signal;
  readonly #options: ConformanceOptions;

  constructor(options: ConformanceOptions) {
    this.#options = options;
    this.adapter = options.adapter;
    this.features = options.features;
    this.key = options.key ?? conformanceKey;
    this.description =
      options.description ?? options.adapter.describe(options.modelId) ?? options.adapter.defaultDescription;
  }

  get hasServer(): boolean {
    return this.#options.server !== undefined;
  }

  get canAnswer(): boolean {
    return this.hasServer || this.#options.script !== undefined;
  }

  get server(): FakeServer {
    const { server } = this.#options;
    assert.ok(server !== undefined, 'This case needs a fake server.');
    return server;
  }

  /** The request that the server saw last. */
  get lastRequest(): RecordedRequest {
    const request = this.server.requests.at(-1);
    assert.ok(request !== undefined, 'The server got no request.');
    return request;
  }

  /** A request of one user message, or with what is given instead. */
  request(changes: Partial<PreparedRequest> = {}): PreparedRequest {
    return {
      modelId: this.#options.modelId,
      messages: [userMessage('How many?')],
      maxOutputTokens: 1_777,
      stop: [],
      tools: [],
      toolChoice: 'auto',
      providerOptions: {},
      ...changes,
    };
  }

  toWire(changes: Partial<PreparedRequest> = {}): { readonly body: unknown; readonly warnings: readonly Warning[] } {
    return this.adapter.toWire(this.request(changes), this.description);
  }

  /** Makes the next call answer so. */
  script(reply: ScriptedReply): void {
    if (this.#options.server !== undefined) this.#options.server.script({ reply });
    else this.#options.script?.(reply);
  }

  /** The events of a call that must succeed, checked for order. */
  async answer(reply: ScriptedReply, changes: Partial<PreparedRequest> = {}): Promise<readonly AdapterEvent[]> {
    this.script(reply);
    return this.#succeed(changes);
  }

  /** The same for any step of a fake server. */
  async answerStep(step: ServerAnswer, changes: Partial<PreparedRequest> = {}): Promise<readonly AdapterEvent[]> {
    this.server.script(step);
    return this.#succeed(changes);
  }

  /** The error of a call that must fail. */
  async failure(step: ServerStep, changes: Partial<PreparedRequest> = {}): Promise<Outcome & { error: OcelliError }> {
    this.server.script(step);
    const { events, error } = await this.call(changes);
    assert.ok(error !== undefined, `The call should have failed, but ended with ${JSON.stringify(events.at(-1))}.`);
    assert.ok(!events.some((event) => event.type === 'finish'), 'A call that fails must not yield finish.');
    return { events, error };
  }

  /** One call to its end. `onEvent` may abort it, or return false to stop reading. */
  async call(
    changes: Partial<PreparedRequest> = {},
    signal: AbortSignal = this.#quiet,
    onEvent: (event: AdapterEvent) => boolean | void = () => undefined,
  ): Promise<Outcome> {
    const { body } = this.toWire(changes);
    const events: AdapterEvent[] = [];
    const read = async (): Promise<OcelliError | undefined> => {
      try {
        for await (const event of this.adapter.stream(body, { signal })) {
          events.push(event);
          if (onEvent(event) === false) break;
        }
        return undefined;
      } catch (error) {
        assert.ok(OcelliError.isInstance(error), `Not an OcelliError was thrown: ${String(error)}`);
        return error;
      }
    };
    return { events, error: await withPatience(read(), 'The call') };
  }

  /** Abort listeners that calls have left on the signal they were given. */
  get listenersLeft(): number {
    return getEventListeners(this.#quiet, 'abort').length;
  }

  async #succeed(changes: Partial<PreparedRequest>): Promise<readonly AdapterEvent[]> {
    const { events, error } = await this.call(changes);
    if (error !== undefined) assert.fail(`The call failed with ${error.kind}: ${error.message}`);
    checkOrder(events);
    return events;
  }
}

/** Exactly one finish, at the end; one start at most, before any content; tool calls opened before they are closed. */
function checkOrder(events: readonly AdapterEvent[]): void {
  const types = events.map((event) => event.type);
  assert.equal(types.filter((type) => type === 'finish').length, 1, `Not exactly one finish: ${types.join(' ')}`);
  assert.equal(types.at(-1), 'finish', `Events after finish: ${types.join(' ')}`);
  const starts = types.filter((type) => type === 'response-start').length;
  assert.ok(starts <= 1, 'More than one response-start.');
  const open = new Set<string>();
  for (const event of events) {
    if (event.type === 'tool-call-start') open.add(event.id);
    if (event.type === 'tool-call-delta') assert.ok(open.has(event.id), `A delta of ${event.id}, which is not open.`);
    if (event.type === 'tool-call-end') assert.ok(open.delete(event.id), `An end of ${event.id}, which is not open.`);
  }
  assert.equal(open.size, 0, `Tool calls without an end: ${[...open].join(', ')}`);
  if (starts === 1) {
    const content = types.findIndex((type) => type.endsWith('-delta') || type.startsWith('tool-call'));
    assert.ok(content === -1 || types.indexOf('response-start') < content, 'Content before response-start.');
  }
}

/** Fails instead of waiting for ever. */
export async function withPatience<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const impatience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not end within ${patienceMs / 1_000} s.`)), patienceMs);
  });
  try {
    return await Promise.race([promise, impatience]);
  } finally {
    clearTimeout(timer);
  }
}

/** Text of an answer. */
export function textOf(events: readonly AdapterEvent[]): string {
  return events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
}

/** A user message of one text. */
export function userMessage(text: string): PreparedMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}

/** Whether a body holds this value anywhere: a text inside a text, or an equal number. */
export function holds(body: unknown, value: string | number): boolean {
  if (typeof value === 'string' && typeof body === 'string') return body.includes(value);
  if (typeof body !== 'object' || body === null) return body === value;
  if (ArrayBuffer.isView(body)) return false;
  return Object.entries(body).some(
    ([name, item]) => (typeof value === 'string' && name.includes(value)) || holds(item, value),
  );
}

/** Whether a body holds these bytes unchanged, as base64 or as bytes. */
export function holdsMedia(body: unknown, media: MediaBytes): boolean {
  if (typeof body === 'string') return body.includes(media.base64);
  if (body instanceof Uint8Array) return Buffer.compare(body, media.bytes) === 0;
  return typeof body === 'object' && body !== null && Object.values(body).some((item) => holdsMedia(item, media));
}
