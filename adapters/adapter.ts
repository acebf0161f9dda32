/** The contract that every adapter fulfils: a wire API behind pure functions and one method that touches the network. */

import type { OcelliError } from '../src/errors/index.js';
import type { AdapterEvent, Encoder, PreparedRequest, Warning } from '../src/request/index.js';
import type { ModelDescription, ModelRow } from '../src/models/index.js';

/**
 * A request in the vendor's own words, ready to send.
 * `warnings` of type `unsupported-option` name what was left out; the router decides by the request's `unsupported` whether that is allowed.
 */
export interface WireRequest<Body = unknown> {
  readonly body: Body;
  readonly warnings: readonly Warning[];
}

export interface CallContext {
  /** Aborting it must close the connection; the adapter then throws `OcelliError` of kind `aborted`. */
  readonly signal: AbortSignal;
}

/** What is missing before an adapter can send anything. */
export interface MissingCredential {
  /** The environment variables that are looked at, in order. */
  readonly variables: readonly string[];
  /** What to do, in one sentence. */
  readonly message: string;
}

/**
 * One wire API at one address with one key.
 *
 * `toWire` is pure and total: for any prepared request it returns a body or throws `OcelliError` of kind
 * `unsupported-input` naming the part that the wire cannot carry. `stream` yields events and ends with one `finish`, or throws an
 * `OcelliError`; it never retries and never holds more than the current event. All vendor failures pass through the adapter's `errors.ts`.
 */
export interface Adapter<Body = unknown> {
  /** The word before the colon in `provider:model-id`. */
  readonly provider: string;
  /** What the model can do; `undefined` for an id this adapter does not know (see `acceptsUnknownModels`). */
  describe(modelId: string): ModelDescription | undefined;
  /** True where any id is allowed because the server decides (OpenAI-compatible, injected clients). */
  readonly acceptsUnknownModels: boolean;
  /** Assumed of a model that `describe` does not know. */
  readonly defaultDescription: ModelDescription;
  /** `undefined` when calls can be made. */
  missingCredential(): MissingCredential | undefined;
  /** Stands for address and key in the cooldown table; never the key itself. */
  readonly cooldownKey: string;
  toWire(request: PreparedRequest, description: ModelDescription): WireRequest<Body>;
  stream(body: Body, context: CallContext): AsyncIterable<AdapterEvent>;
  /** Exact input tokens from the vendor's count endpoint, where there is one. */
  countTokens?(body: Body, context: CallContext): Promise<number>;
  /**
   * The row of a model whose files say how it counts; `undefined` where the catalogue's row is all there is to know. `exact` also
   * opens what counts text, which takes a while and memory.
   *
   * @throws OcelliError `local-model` with `exact`, when the files are not there or not usable
   */
  modelRow?(modelId: string, wanted: { readonly exact: boolean }): Promise<ModelRow | undefined>;
  /** The dual encoder of a model, for embeddings; keeps what it opened, since it is called for every request. Where there are such models. */
  openEncoder?(modelId: string, context: CallContext): Promise<Encoder>;
  /** Model id of the dual encoder that is used when none is named; `undefined` where none is at hand. */
  defaultEncoder?(): string | undefined;
  /** The error an adapter makes of anything thrown; exposed so that the conformance suite can check it. */
  toError(error: unknown): OcelliError;
}

/** A model bound to an adapter, usable wherever a `provider:model-id` string is. */
export interface ModelReference {
  readonly adapter: Adapter;
  readonly modelId: string;
  /** Replaces what the catalogue says of the model. */
  readonly description?: ModelDescription;
}

/** What an adapter's factory returns: the adapter, plus `model()` to bind a model to it. */
export interface AdapterWithModels<Body = unknown> extends Adapter<Body> {
  model(modelId: string, description?: ModelDescription): ModelReference;
}

/** Adds `model()` to an adapter. */
export function withModels<Body>(adapter: Adapter<Body>): AdapterWithModels<Body> {
  const bound: AdapterWithModels<Body> = Object.assign(adapter, {
    model: (modelId: string, description?: ModelDescription): ModelReference => ({
      adapter: bound as unknown as Adapter,
      modelId,
      ...(description === undefined ? {} : { description }),
    }),
  });
  return bound;
}
