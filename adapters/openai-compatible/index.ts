/** Any server that speaks Chat Completions: vLLM, Ollama, LM Studio, llama.cpp, OpenRouter, Groq and others. */

import { OcelliError } from '../../src/errors/index.js';
import type { ModelDescription } from '../../src/models/index.js';
import type { AdapterEvent } from '../../src/request/index.js';
import { withModels, type AdapterWithModels, type MissingCredential } from '../adapter.js';
import { cooldownKey } from '../shared/cooldown-key.js';
import { abortedError } from '../shared/openai-error.js';
import { createClient, openCompletion, type ChatClient } from './client.js';
import { compatibilityOf, descriptionOf, type Compatibility } from './compat.js';
import { errorContext, toError, type ErrorSettings } from './errors.js';
import { fromWire } from './from-wire.js';
import { toWire, type ChatBody } from './to-wire.js';

export type { Compatibility } from './compat.js';

export interface OpenaiCompatibleOptions {
  /** The word before the colon in model ids. Default `openai-compatible`. */
  readonly name?: string;
  /** For example `http://localhost:11434/v1`. Default for the default name: `OPENAI_COMPATIBLE_BASE_URL`, read at every call. */
  readonly baseURL?: string;
  /** Servers of one's own often need none. */
  readonly apiKey?: string;
  /** Environment variable to read the key from at every call. Default for the default name: `OPENAI_COMPATIBLE_API_KEY`. */
  readonly apiKeyVariable?: string;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Changes to what is guessed of the server from its address. */
  readonly compat?: Partial<Compatibility>;
  /** What single models can do, by id; for others it is assumed from `compat`. */
  readonly models?: Readonly<Record<string, ModelDescription>>;
  /** A client of the `openai` package; address, key and headers are then its own. */
  readonly client?: ChatClient;
  /** Default: `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: the platform's. Not used with `client`. */
  readonly fetch?: typeof fetch;
  /** Milliseconds since the epoch, for `Retry-After` dates. Default: `Date.now`. */
  readonly now?: () => number;
}

const defaultName = 'openai-compatible';
const baseUrlVariable = 'OPENAI_COMPATIBLE_BASE_URL';

/**
 * An adapter for a Chat Completions server.
 *
 * @example
 * const ollama = openaiCompatible({ name: 'ollama', baseURL: 'http://localhost:11434/v1' });
 * const ocelli = createOcelli({ adapters: [ollama] });   // then: model: 'ollama:qwen2.5vl'
 */
export function openaiCompatible(options: OpenaiCompatibleOptions = {}): AdapterWithModels<ChatBody> {
  const server = new Server(options);
  return withModels<ChatBody>({
    provider: server.provider,
    describe: (modelId) => ownEntry(options.models, modelId),
    acceptsUnknownModels: true,
    get defaultDescription() {
      return descriptionOf(server.compat);
    },
    missingCredential: () => server.missingCredential(),
    get cooldownKey() {
      return cooldownKey(server.provider, server.baseURL, server.apiKey);
    },
    toWire: (request, description) =>
      toWire(request, description, { provider: server.provider, compat: server.compat }),
    async *stream(body, { signal }): AsyncGenerator<AdapterEvent, void> {
      const context = errorContext(server.errorSettings());
      try {
        const call = await openCompletion(await server.client(), body, signal, context.serverName);
        for await (const event of fromWire(call.events, server.compat, context)) {
          if (event.type === 'finish') call.complete();
          yield event;
        }
      } catch (error) {
        throw signal.aborted ? abortedError(context) : toError(error, server.errorSettings());
      }
    },
    toError: (error) => toError(error, server.errorSettings()),
  });
}

/** Where the server is and what it is like, by options and environment as they are now. */
class Server {
  readonly provider: string;
  readonly #options: OpenaiCompatibleOptions;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #apiKeyVariable: string | undefined;
  #current: { readonly key: string; readonly client: Promise<ChatClient> } | undefined;

  constructor(options: OpenaiCompatibleOptions) {
    this.provider = options.name ?? defaultName;
    this.#options = options;
    this.#environment = options.environment ?? process.env;
    // The default key belongs to the default name only: another server must not be sent it.
    this.#apiKeyVariable =
      options.apiKeyVariable ?? (this.provider === defaultName ? 'OPENAI_COMPATIBLE_API_KEY' : undefined);
  }

  get baseURL(): string | undefined {
    const { client, baseURL } = this.#options;
    if (client !== undefined) return textField(client, 'baseURL');
    return baseURL ?? (this.provider === defaultName ? this.#read(baseUrlVariable) : undefined);
  }

  get apiKey(): string | undefined {
    const { client, apiKey } = this.#options;
    if (client !== undefined) return textField(client, 'apiKey');
    return apiKey ?? (this.#apiKeyVariable === undefined ? undefined : this.#read(this.#apiKeyVariable));
  }

  get compat(): Compatibility {
    return compatibilityOf(this.baseURL, this.#options.compat);
  }

  client(): Promise<ChatClient> {
    const { client, headers = {}, fetch } = this.#options;
    if (client !== undefined) return Promise.resolve(client);
    const { baseURL, apiKey } = this;
    if (baseURL === undefined) return Promise.reject(new OcelliError('authentication', this.#addressAdvice()));
    const key = JSON.stringify([baseURL, apiKey]);
    if (this.#current?.key !== key) this.#current = { key, client: createClient({ baseURL, apiKey, headers, fetch }) };
    return this.#current.client;
  }

  missingCredential(): MissingCredential | undefined {
    if (this.#options.client !== undefined) return undefined;
    if (this.baseURL === undefined) return { variables: [baseUrlVariable], message: this.#addressAdvice() };
    const variable = this.#options.apiKeyVariable;
    if (variable === undefined || this.apiKey !== undefined) return undefined;
    return { variables: [variable], message: `Set ${variable} to the key for ${this.provider}.` };
  }

  errorSettings(): ErrorSettings {
    const { apiKey } = this;
    // Short header values are flags and names.
    const headers = Object.values(this.#options.headers ?? {}).filter((value) => value.length >= 12);
    return {
      provider: this.provider,
      baseURL: this.baseURL,
      apiKeyVariable: this.#apiKeyVariable,
      now: this.#options.now ?? Date.now,
      secrets: [...(apiKey === undefined ? [] : [apiKey]), ...headers],
    };
  }

  #addressAdvice(): string {
    return this.provider === defaultName
      ? `Set ${baseUrlVariable} to the server's address, for example http://localhost:8000/v1, or pass openaiCompatible({ baseURL }).`
      : `No address is known for ${this.provider}: pass openaiCompatible({ baseURL }).`;
  }

  #read(variable: string): string | undefined {
    const text = this.#environment[variable];
    return text === undefined || text.trim() === '' ? undefined : text;
  }
}

function textField(client: object, field: string): string | undefined {
  const value = (client as Readonly<Record<string, unknown>>)[field];
  return typeof value === 'string' ? value : undefined;
}

function ownEntry<T>(entries: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return entries !== undefined && Object.hasOwn(entries, name) ? entries[name] : undefined;
}
