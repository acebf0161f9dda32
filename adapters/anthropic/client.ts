/** The only file that touches Anthropic's SDK: it is loaded on the first call and does nothing but carry bytes. */

import type { ClientOptions } from '@anthropic-ai/sdk';
import type {
  MessageCountTokensParams,
  Messages,
  RawMessageStreamEvent,
} from '@anthropic-ai/sdk/resources/messages/messages';
import { OcelliError } from '../../src/errors/index.js';
import { Connection } from '../shared/connection.js';
import { abortedError } from './errors.js';
import type { AnthropicBody } from './to-wire.js';

export const defaultBaseURL = 'https://api.anthropic.com';
export const keyVariable = 'ANTHROPIC_API_KEY';
export const baseURLVariable = 'ANTHROPIC_BASE_URL';

/** The longest wait that one Node timer can hold, about 25 days: our router keeps the time, not the SDK. */
const neverMs = 2 ** 31 - 1;

/** What is used of a client: `new Anthropic()`, `new AnthropicBedrock()`, `new AnthropicVertex()` and the like fit. */
export interface AnthropicClient {
  readonly messages: {
    readonly create: Messages['create'];
    readonly countTokens?: Messages['countTokens'];
  };
}

/** Where calls go. Read anew for every call, so that a changed environment counts. */
export interface AnthropicTarget {
  readonly client?: AnthropicClient | undefined;
  readonly apiKey?: string | undefined;
  readonly baseURL?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly clients: ClientSource;
}

/** The events of one answer, raw and one at a time. */
export async function* openStream(
  target: AnthropicTarget,
  body: AnthropicBody,
  signal: AbortSignal,
): AsyncGenerator<RawMessageStreamEvent, void> {
  const connection = new Connection(signal);
  let reading = false;
  try {
    const client = await target.clients.clientFor(target);
    if (signal.aborted) throw abortedError();
    const pending = client.messages.create(body, requestOptions(connection.signal));
    // An injected stand-in may return a plain promise without the SDK's extras.
    const { data, response } =
      typeof pending.withResponse === 'function'
        ? await pending.withResponse()
        : { data: await pending, response: undefined };
    refuseOtherContent(response);
    reading = true;
    for await (const event of connection.read(data)) {
      if (signal.aborted) throw abortedError();
      if (event?.type === 'message_stop') connection.complete();
      yield event;
    }
  } finally {
    if (!reading) connection.abort();
  }
}

/** Input tokens by the count endpoint. */
export async function countTokens(
  target: AnthropicTarget,
  body: MessageCountTokensParams,
  signal: AbortSignal,
): Promise<number> {
  const connection = new Connection(signal);
  try {
    const client = await target.clients.clientFor(target);
    if (signal.aborted) throw abortedError();
    if (client.messages.countTokens === undefined)
      throw new OcelliError('unsupported-input', 'The injected Anthropic client has no count endpoint.', {
        provider: 'anthropic',
      });
    const { input_tokens } = await client.messages.countTokens(body, requestOptions(connection.signal));
    if (typeof input_tokens !== 'number')
      throw new OcelliError('malformed-response', 'Anthropic counted tokens but named no number.', {
        provider: 'anthropic',
      });
    return input_tokens;
  } finally {
    connection.release();
  }
}

/** Remembers the client of the last call: making one costs more than everything else that we add to a call. */
export class ClientSource {
  #made: { apiKey: string; baseURL: string; client: AnthropicClient } | undefined;

  async clientFor(target: AnthropicTarget): Promise<AnthropicClient> {
    if (target.client !== undefined) return target.client;
    const { apiKey, baseURL = defaultBaseURL } = target;
    if (apiKey === undefined)
      throw new OcelliError('authentication', `There is no key for Anthropic. Set ${keyVariable}.`, {
        provider: 'anthropic',
      });
    if (this.#made?.apiKey === apiKey && this.#made.baseURL === baseURL) return this.#made.client;
    const { default: Anthropic } = await import('@anthropic-ai/sdk');
    const options: ClientOptions = {
      apiKey,
      baseURL,
      maxRetries: 0,
      timeout: neverMs,
      // The SDK would print chunks that it cannot read, and with them the conversation.
      logLevel: 'off',
      ...(target.headers === undefined ? {} : { defaultHeaders: target.headers }),
    };
    const client = new Anthropic(options);
    this.#made = { apiKey, baseURL, client };
    return client;
  }
}

function requestOptions(signal: AbortSignal): { signal: AbortSignal; maxRetries: number; timeout: number } {
  return { signal, maxRetries: 0, timeout: neverMs };
}

/** A page or a JSON document with status 200 is no answer; without this check it looks like a stream that was cut. */
function refuseOtherContent(response: Response | undefined): void {
  const type = response?.headers.get('content-type')?.toLowerCase() ?? '';
  if (!/^(?:text\/html|text\/plain|application\/json)/.test(type)) return;
  throw new OcelliError(
    'malformed-response',
    `Anthropic answered with ${type.split(';')[0] ?? type} where a stream of events was expected. Check the base URL.`,
    { provider: 'anthropic', ...(response === undefined ? {} : { status: response.status }) },
  );
}
