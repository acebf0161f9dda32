/** OpenAI through its Responses API; also Azure and proxies, by an injected client or another base URL. */

import type { ResponseCreateParamsStreaming } from 'openai/resources/responses/responses';
import { describeModel } from '../../src/models/index.js';
import type { AdapterEvent } from '../../src/request/index.js';
import { withModels, type AdapterWithModels, type CallContext, type MissingCredential } from '../adapter.js';
import { cooldownKey } from '../shared/cooldown-key.js';
import { abortedError } from '../shared/openai-error.js';
import { countInputTokens, createClient, openResponse, type ClientSettings, type ResponsesClient } from './client.js';
import { errorContext, toError, type ErrorSettings } from './errors.js';
import { fromWire } from './from-wire.js';
import { defaultDescription, provider, toWire } from './to-wire.js';

export interface OpenaiOptions {
  /** Default: `OPENAI_API_KEY`, read at every call. */
  readonly apiKey?: string;
  /** Default: `OPENAI_BASE_URL`, else OpenAI's own. With another one any model id is allowed. */
  readonly baseURL?: string;
  readonly organization?: string;
  readonly project?: string;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A client of the `openai` package, for example `new AzureOpenAI(…)`; address, key and headers are then its own. */
  readonly client?: ResponsesClient;
  /** Default: `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: the platform's. Not used with `client`. */
  readonly fetch?: typeof fetch;
  /** Milliseconds since the epoch, for `Retry-After` dates. Default: `Date.now`. */
  readonly now?: () => number;
}

/**
 * An adapter for OpenAI.
 *
 * @example
 * const ocelli = createOcelli({ adapters: [openai({ client: new AzureOpenAI({ endpoint, apiVersion }) })] });
 */
export function openai(options: OpenaiOptions = {}): AdapterWithModels<ResponseCreateParamsStreaming> {
  const environment = options.environment ?? process.env;
  const settings = (): ClientSettings => ({
    apiKey: options.apiKey ?? nonEmpty(environment['OPENAI_API_KEY']),
    baseURL: options.baseURL ?? nonEmpty(environment['OPENAI_BASE_URL']),
    organization: options.organization ?? nonEmpty(environment['OPENAI_ORG_ID']),
    project: options.project ?? nonEmpty(environment['OPENAI_PROJECT_ID']),
    headers: options.headers ?? {},
    fetch: options.fetch,
  });
  const errorSettings = (): ErrorSettings => ({
    now: options.now ?? Date.now,
    secrets: secretsOf(options, settings()),
  });
  const client = clientSource(options.client, settings);

  return withModels<ResponseCreateParamsStreaming>({
    provider,
    describe: (modelId) => describeModel(`${provider}:${modelId}`),
    get acceptsUnknownModels() {
      return options.client !== undefined || settings().baseURL !== undefined;
    },
    defaultDescription,
    missingCredential: () => missingCredential(options, settings()),
    get cooldownKey() {
      if (options.client !== undefined) return cooldownKey(provider, ...injectedIdentity(options.client));
      const { baseURL, apiKey } = settings();
      return cooldownKey(provider, baseURL, apiKey);
    },
    toWire,
    async *stream(body, context): AsyncGenerator<AdapterEvent, void> {
      try {
        const call = await openResponse(await client(), body, context.signal);
        for await (const event of fromWire(call.events, errorContext(errorSettings()))) {
          if (event.type === 'finish') call.complete();
          yield event;
        }
      } catch (error) {
        throw failure(error, context, errorSettings());
      }
    },
    async countTokens(body, context): Promise<number> {
      try {
        return await countInputTokens(await client(), body, context.signal);
      } catch (error) {
        throw failure(error, context, errorSettings());
      }
    },
    toError: (error) => toError(error, errorSettings()),
  });
}

/** Whatever was thrown after the caller aborted is the abort. */
function failure(error: unknown, context: CallContext, settings: ErrorSettings): Error {
  return context.signal.aborted ? abortedError(errorContext(settings)) : toError(error, settings);
}

/** One client for as long as address and key stay the same. */
function clientSource(
  injected: ResponsesClient | undefined,
  settings: () => ClientSettings,
): () => Promise<ResponsesClient> {
  if (injected !== undefined) return () => Promise.resolve(injected);
  let current: { readonly key: string; readonly client: Promise<ResponsesClient> } | undefined;
  return () => {
    const wanted = settings();
    const key = JSON.stringify([wanted.apiKey, wanted.baseURL, wanted.organization, wanted.project]);
    if (current?.key !== key) current = { key, client: createClient(wanted) };
    return current.client;
  };
}

function missingCredential(options: OpenaiOptions, settings: ClientSettings): MissingCredential | undefined {
  if (options.client !== undefined || settings.apiKey !== undefined) return undefined;
  return {
    variables: ['OPENAI_API_KEY'],
    message: 'Set OPENAI_API_KEY to a key from platform.openai.com, or pass openai({ apiKey }).',
  };
}

function secretsOf(options: OpenaiOptions, settings: ClientSettings): readonly string[] {
  const key = options.client === undefined ? settings.apiKey : injectedIdentity(options.client)[1];
  // Short header values are flags and names.
  const values = Object.values(settings.headers).filter((value) => value.length >= 12);
  return [...(key === undefined ? [] : [key]), ...values];
}

/** Address and key of an injected client, as far as it shows them. */
function injectedIdentity(client: object): [baseURL: string | undefined, apiKey: string | undefined] {
  const { baseURL, apiKey } = client as { baseURL?: unknown; apiKey?: unknown };
  return [typeof baseURL === 'string' ? baseURL : undefined, typeof apiKey === 'string' ? apiKey : undefined];
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}
