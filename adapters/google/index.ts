/** The adapter for Google's generateContent API: Gemini and Gemma by a key of AI Studio. */

import type { OcelliError } from '../../src/errors/index.js';
import { describeModel, type ModelDescription } from '../../src/models/index.js';
import type { AdapterEvent } from '../../src/request/index.js';
import { withModels, type AdapterWithModels, type CallContext, type MissingCredential } from '../adapter.js';
import { cooldownKey } from '../shared/cooldown-key.js';
import {
  baseURLVariable,
  countTokens,
  keyVariables,
  openStream,
  type GoogleClient,
  type GoogleTarget,
} from './client.js';
import { abortedError, toOcelliError } from './errors.js';
import { fromWire } from './from-wire.js';
import { toWire } from './to-wire.js';
import type { GoogleBody } from './wire.js';

export type { GoogleClient } from './client.js';
export type { GoogleBody } from './wire.js';

export interface GoogleOptions {
  /** Default: `GEMINI_API_KEY`, else `GOOGLE_API_KEY`, read at every call. */
  readonly apiKey?: string;
  /** Without the version in the path. Default: `GOOGLE_GEMINI_BASE_URL`, else Google's own. With it, any model id is accepted. */
  readonly baseURL?: string;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A client of Google's SDK with its own key. With it, any model id is accepted and no variable is read for a key. */
  readonly client?: GoogleClient;
  /** Where variables are looked up. Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Assumed of a model that the catalogue does not know: what all current Gemini models have in common. */
const defaultDescription: ModelDescription = {
  capabilities: {
    input: ['text', 'image', 'audio', 'video', 'document'],
    mediaTypes:
      `image/png image/jpeg image/webp image/heic image/heif audio/wav audio/mpeg audio/mp3 audio/aiff audio/aac
      audio/ogg audio/flac video/mp4 video/mpeg video/quicktime video/webm application/pdf`.split(/\s+/),
    tools: true,
    structuredOutput: true,
    reasoning: 'levels-without-none',
    temperature: true,
    topP: true,
    topK: true,
    seed: true,
    stop: true,
    urls: ['image', 'audio', 'video', 'document'],
  },
  limits: { images: { perRequest: 3_600 } },
};

/**
 * Gemini by generateContent.
 *
 * @example
 * const ocelli = createOcelli({ adapters: [google({ apiKey: await readSecret() })] });
 * @example
 * const model = google({ baseURL: 'http://127.0.0.1:8080' }).model('gemini-3.5-flash');
 */
export function google(options: GoogleOptions = {}): AdapterWithModels<GoogleBody> {
  const target = (): GoogleTarget => targetOf(options);
  const toError = (error: unknown): OcelliError => toOcelliError(error, target().apiKey);

  return withModels<GoogleBody>({
    provider: 'google',
    describe: (modelId) => describeModel(`google:${modelId}`),
    acceptsUnknownModels: options.client !== undefined || options.baseURL !== undefined,
    defaultDescription,
    missingCredential: () => missingCredential(target()),
    get cooldownKey() {
      const { client, baseURL, apiKey } = target();
      return cooldownKey('google', client === undefined ? baseURL : 'injected client', apiKey);
    },
    toWire,
    async *stream(body, context): AsyncGenerator<AdapterEvent, void> {
      try {
        yield* fromWire(openStream(target(), body, context.signal), body);
      } catch (error) {
        throw context.signal.aborted ? abortedError() : toError(error);
      }
    },
    async countTokens(body: GoogleBody, context: CallContext): Promise<number> {
      try {
        return await countTokens(target(), body, context.signal);
      } catch (error) {
        throw context.signal.aborted ? abortedError() : toError(error);
      }
    },
    toError,
  });
}

function targetOf(options: GoogleOptions): GoogleTarget {
  const environment = options.environment ?? process.env;
  const address = {
    baseURL: options.baseURL ?? filled(environment[baseURLVariable]),
    headers: options.headers,
  };
  if (options.client !== undefined) return { ...address, client: options.client };
  return { ...address, apiKey: options.apiKey ?? keyVariables.map((name) => filled(environment[name])).find(Boolean) };
}

function filled(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

function missingCredential(target: GoogleTarget): MissingCredential | undefined {
  if (target.client !== undefined || target.apiKey !== undefined) return undefined;
  return {
    variables: keyVariables,
    message: `Set ${keyVariables.join(' or ')} to a key from https://aistudio.google.com/apikey, or give google({ apiKey }).`,
  };
}
