/** The adapter for Anthropic's Messages API: Claude by its own API, or by an injected client on Bedrock, Vertex and the like. */

import type { OcelliError } from '../../src/errors/index.js';
import { describeModel, type ModelDescription } from '../../src/models/index.js';
import type { AdapterEvent } from '../../src/request/index.js';
import { withModels, type AdapterWithModels, type CallContext, type MissingCredential } from '../adapter.js';
import { cooldownKey } from '../shared/cooldown-key.js';
import {
  baseURLVariable,
  ClientSource,
  countTokens,
  keyVariable,
  openStream,
  type AnthropicClient,
  type AnthropicTarget,
} from './client.js';
import { abortedError, toOcelliError } from './errors.js';
import { fromWire } from './from-wire.js';
import { toCountBody, toWire, type AnthropicBody } from './to-wire.js';

export type { AnthropicClient } from './client.js';
export type { AnthropicBody } from './to-wire.js';

export interface AnthropicOptions {
  /** Default: `ANTHROPIC_API_KEY`, read at every call. */
  readonly apiKey?: string;
  /** Default: `ANTHROPIC_BASE_URL`, else `https://api.anthropic.com`. With it, any model id is accepted. */
  readonly baseURL?: string;
  /** Sent with every call, for example `anthropic-beta`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A client of Anthropic's SDK with its own key and address. With it, any model id is accepted and no variable is read. */
  readonly client?: AnthropicClient;
  /** Where variables are looked up. Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch, for waits that a server gives as a date. Default `Date.now`. */
  readonly now?: () => number;
}

/** Assumed of a Claude that the catalogue does not know: what all current ones have in common. */
const defaultDescription: ModelDescription = {
  capabilities: {
    input: ['text', 'image', 'document'],
    mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'application/pdf'],
    tools: true,
    structuredOutput: true,
    reasoning: 'levels-without-none',
    temperature: false,
    topP: false,
    topK: false,
    seed: false,
    stop: true,
    urls: ['image', 'document'],
  },
  // The smaller of the limits that the API and the clouds have.
  limits: { images: { perRequest: 100, maxSide: 8_000, manyImages: 20, manyImagesMaxSide: 2_000 } },
};

/**
 * Claude by the Messages API.
 *
 * @example
 * const ocelli = createOcelli({ adapters: [anthropic({ apiKey: await readSecret() })] });
 * @example
 * const model = anthropic({ client: new AnthropicBedrock() }).model('anthropic.claude-opus-5');
 */
export function anthropic(options: AnthropicOptions = {}): AdapterWithModels<AnthropicBody> {
  const now = options.now ?? Date.now;
  const clients = new ClientSource();
  const target = (): AnthropicTarget => targetOf(options, clients);
  const toError = (error: unknown): OcelliError => toOcelliError(error, { now: now(), apiKey: target().apiKey });

  return withModels<AnthropicBody>({
    provider: 'anthropic',
    describe: (modelId) => describeModel(`anthropic:${modelId}`),
    acceptsUnknownModels: options.client !== undefined || options.baseURL !== undefined,
    defaultDescription,
    missingCredential: () => missingCredential(target()),
    get cooldownKey() {
      const { client, baseURL, apiKey } = target();
      return cooldownKey('anthropic', client === undefined ? baseURL : 'injected client', apiKey);
    },
    toWire,
    async *stream(body, context): AsyncGenerator<AdapterEvent, void> {
      try {
        yield* fromWire(openStream(target(), body, context.signal));
      } catch (error) {
        throw context.signal.aborted ? abortedError() : toError(error);
      }
    },
    async countTokens(body: AnthropicBody, context: CallContext): Promise<number> {
      try {
        return await countTokens(target(), toCountBody(body), context.signal);
      } catch (error) {
        throw context.signal.aborted ? abortedError() : toError(error);
      }
    },
    toError,
  });
}

function targetOf(options: AnthropicOptions, clients: ClientSource): AnthropicTarget {
  if (options.client !== undefined) return { client: options.client, clients };
  const environment = options.environment ?? process.env;
  return {
    apiKey: options.apiKey ?? filled(environment[keyVariable]),
    baseURL: options.baseURL ?? filled(environment[baseURLVariable]),
    headers: options.headers,
    clients,
  };
}

function filled(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

function missingCredential(target: AnthropicTarget): MissingCredential | undefined {
  if (target.client !== undefined || target.apiKey !== undefined) return undefined;
  return {
    variables: [keyVariable],
    message: `Set ${keyVariable} to a key from https://platform.claude.com/settings/keys, or give anthropic({ apiKey }).`,
  };
}
