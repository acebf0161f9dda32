/** An adapter without a network: it plays a script, so that routers and users' own programs can be tested in the process. */

import { withModels, type AdapterWithModels, type CallContext, type WireRequest } from '../../adapters/adapter.js';
import { OcelliError, type ErrorKind, type OcelliErrorOptions } from '../errors/index.js';
import type { ModelDescription } from '../models/index.js';
import type { AdapterEvent, PreparedRequest } from '../request/index.js';
import { prepareBody } from './scripted-body.js';
import { eventsOf, type ScriptedReply } from './scripted-reply.js';
import { realClock, type ScriptClock } from './script-clock.js';

/** A failure in a script: an error, or its kind with what the provider would have said. */
export type ScriptedFailure =
  OcelliError | ({ readonly kind: ErrorKind; readonly message?: string } & OcelliErrorOptions);

/** Timing of a step, in milliseconds of the adapter's clock. */
export interface ScriptedTiming {
  /** Before the first event or the error. */
  readonly delayMs?: number;
  /** Before every further event. */
  readonly betweenEventsMs?: number;
}

/**
 * What the adapter does for one call: a reply, exact events, or a failure. `failAfterEvents` of a reply or of events ends it with
 * `error` (default kind `network`) when so many events were yielded; `hangAfterEvents` waits there until the call is aborted.
 */
export type ScriptedAdapterStep = ScriptedTiming &
  (
    | ({ readonly reply: ScriptedReply } & ScriptedBreak)
    | ({ readonly events: readonly AdapterEvent[] } & ScriptedBreak)
    | { readonly error: ScriptedFailure }
  );

interface ScriptedBreak {
  readonly failAfterEvents?: number;
  readonly error?: ScriptedFailure;
  readonly hangAfterEvents?: number;
}

/** A step that depends on what was asked. */
export type ScriptedAdapterAnswer =
  | ScriptedAdapterStep
  | ((request: PreparedRequest, call: number) => ScriptedAdapterStep | Promise<ScriptedAdapterStep>);

/** One call as the adapter saw it. */
export interface ScriptedCall {
  readonly request: PreparedRequest;
  readonly signal: AbortSignal;
  /** Milliseconds of the adapter's clock. */
  readonly startedAt: number;
  /** `left`: the reader stopped before the end. */
  readonly outcome: 'running' | 'finished' | 'failed' | 'aborted' | 'left';
  readonly eventsYielded: number;
}

export interface ScriptedAdapterOptions {
  /** The word before the colon; default `scripted`. */
  readonly provider?: string;
  /** One step per call, in order. */
  readonly script?: readonly ScriptedAdapterAnswer[];
  /** Answers when the script is used up. Without it such a call fails with `invalid-request`. */
  readonly default?: ScriptedAdapterAnswer;
  /** What every model of this adapter can do; default {@link everything}. */
  readonly description?: ModelDescription;
  /** Model ids that exist, each with its own description; default: any id. */
  readonly models?: Readonly<Record<string, ModelDescription>>;
  /** Makes the adapter say that a key is missing, under this variable. */
  readonly missingVariable?: string;
  /** Default: real time. */
  readonly clock?: ScriptClock;
  /** Answer of `countTokens`; without it the adapter has no count endpoint. */
  readonly countTokens?: number | ((request: PreparedRequest) => number);
  readonly cooldownKey?: string;
}

/** A scripted adapter with what it has recorded. */
export interface ScriptedAdapter extends AdapterWithModels<PreparedRequest> {
  /** Every call of `stream`, in order. */
  readonly calls: readonly ScriptedCall[];
  /** Adds steps. */
  script(...steps: readonly ScriptedAdapterAnswer[]): void;
  /** Forgets calls and remaining steps. */
  reset(): void;
}

/** A model that takes every kind of part and every option. */
export const everything: ModelDescription = {
  capabilities: {
    input: ['text', 'image', 'audio', 'video', 'document', 'reasoning', 'tool-call', 'tool-result'],
    mediaTypes: [
      'image/jpeg',
      'image/png',
      'image/gif',
      'image/webp',
      'audio/wav',
      'audio/mpeg',
      'video/mp4',
      'application/pdf',
    ],
    tools: true,
    structuredOutput: true,
    reasoning: 'levels',
    temperature: true,
    topP: true,
    topK: true,
    seed: true,
    stop: true,
    urls: ['image', 'document'],
  },
  limits: {},
};

/**
 * An adapter that yields what its script says, obeys abort and records its calls. Its wire body is the prepared request itself,
 * without the options that the model does not take.
 *
 * @example
 * const model = createScriptedAdapter({ script: [{ error: { kind: 'rate-limit' } }, { reply: { text: 'Three.' } }] });
 * const reply = await ocelli.generate({ model: model.model('any'), prompt: 'How many?' });
 */
export function createScriptedAdapter(options: ScriptedAdapterOptions = {}): ScriptedAdapter {
  const provider = options.provider ?? 'scripted';
  const clock = options.clock ?? realClock;
  const calls: MutableCall[] = [];
  let steps = [...(options.script ?? [])];
  const description = options.description ?? everything;
  const { countTokens } = options;
  const adapter = withModels<PreparedRequest>({
    provider,
    describe: (modelId) => (options.models === undefined ? description : options.models[modelId]),
    acceptsUnknownModels: options.models === undefined,
    defaultDescription: description,
    missingCredential: () =>
      options.missingVariable === undefined
        ? undefined
        : {
            variables: [options.missingVariable],
            message: `No key for ${provider}. Set ${options.missingVariable}, or give the key in code.`,
          },
    cooldownKey: options.cooldownKey ?? `${provider}:scripted`,
    toWire: (request, modelDescription): WireRequest<PreparedRequest> =>
      prepareBody(request, modelDescription, provider),
    stream: (body, context) => {
      const call: MutableCall = {
        request: body,
        signal: context.signal,
        startedAt: clock.now(),
        outcome: 'running',
        eventsYielded: 0,
      };
      const number = calls.push(call);
      const answer = steps.shift() ?? options.default;
      return play({ provider, call, number, answer, clock }, context);
    },
    ...(countTokens === undefined
      ? {}
      : {
          countTokens: (body: PreparedRequest) =>
            Promise.resolve(typeof countTokens === 'number' ? countTokens : countTokens(body)),
        }),
    toError: (error) => toScriptedError(error, provider),
  });
  return Object.assign(adapter, {
    calls,
    script: (...more: readonly ScriptedAdapterAnswer[]) => {
      steps.push(...more);
    },
    reset: () => {
      calls.length = 0;
      steps = [];
    },
  });
}

type MutableCall = { -readonly [Key in keyof ScriptedCall]: ScriptedCall[Key] };

interface Playing {
  readonly provider: string;
  readonly call: MutableCall;
  readonly number: number;
  readonly answer: ScriptedAdapterAnswer | undefined;
  readonly clock: ScriptClock;
}

async function* play(playing: Playing, context: CallContext): AsyncGenerator<AdapterEvent, void, undefined> {
  const { call, provider } = playing;
  try {
    for await (const event of scriptedEvents(playing, context.signal)) {
      call.eventsYielded += 1;
      if (event.type === 'finish') call.outcome = 'finished';
      yield event;
    }
  } catch (error) {
    const failure = toScriptedError(error, provider);
    call.outcome = failure.kind === 'aborted' ? 'aborted' : 'failed';
    throw failure;
  } finally {
    if (call.outcome === 'running') call.outcome = 'left';
  }
}

async function* scriptedEvents(playing: Playing, signal: AbortSignal): AsyncGenerator<AdapterEvent, void, undefined> {
  const { clock, provider, call, number, answer } = playing;
  if (signal.aborted) throw abortedError(provider);
  if (answer === undefined) throw usedUp(provider, number);
  const step = typeof answer === 'function' ? await answer(call.request, number) : answer;
  await clock.sleep(step.delayMs ?? 0, signal);
  if (!('reply' in step) && !('events' in step)) throw failureOf(step.error, provider);
  const events = 'reply' in step ? eventsOf(step.reply, provider) : step.events;
  for (const [place, event] of events.entries()) {
    await breakHere(step, place, playing, signal);
    if (place > 0) await clock.sleep(step.betweenEventsMs ?? 0, signal);
    if (signal.aborted) throw abortedError(provider);
    yield event;
  }
  await breakHere(step, events.length, playing, signal);
}

async function breakHere(step: ScriptedBreak, place: number, playing: Playing, signal: AbortSignal): Promise<void> {
  if (step.hangAfterEvents === place) await playing.clock.sleep(Number.POSITIVE_INFINITY, signal);
  if (step.failAfterEvents === place) throw failureOf(step.error ?? { kind: 'network' }, playing.provider);
}

function failureOf(failure: ScriptedFailure, provider: string): OcelliError {
  if (OcelliError.isInstance(failure)) return failure;
  const { kind, message, ...rest } = failure;
  return new OcelliError(kind, message ?? `The script of ${provider} says ${kind}.`, { provider, ...rest });
}

function usedUp(provider: string, number: number): OcelliError {
  return new OcelliError(
    'invalid-request',
    `The script of ${provider} has no step for call ${number}. Add a step with script(...), or give a default.`,
    { provider },
  );
}

function abortedError(provider: string): OcelliError {
  return new OcelliError('aborted', 'The call was aborted.', { provider });
}

function toScriptedError(error: unknown, provider: string): OcelliError {
  if (OcelliError.isInstance(error)) return error.provider === undefined ? error.with({ provider }) : error;
  if (error instanceof Error && error.name === 'AbortError') return abortedError(provider);
  const message = error instanceof Error ? error.message : String(error);
  return new OcelliError('server', `The script of ${provider} failed: ${message}`, { provider });
}
