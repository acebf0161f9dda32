/** The only file that touches the `openai` package: makes the client, sends the body, hands back raw chunks. */

import type { OpenAI } from 'openai';
import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionCreateParamsStreaming,
} from 'openai/resources/chat/completions/completions';
import { OcelliError } from '../../src/errors/index.js';
import { Connection } from '../shared/connection.js';
import { isJsonContent, refuseForeignContent } from '../shared/event-stream.js';
import type { ChatEvent } from './from-wire.js';
import type { ChatBody } from './to-wire.js';

/** What is needed of a client: the package's own `OpenAI`, of any version. */
export type ChatClient = Pick<OpenAI, 'chat'>;

/** Address and key of one call, read when it is made. */
export interface ClientSettings {
  readonly apiKey: string | undefined;
  readonly baseURL: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch | undefined;
}

/** One answer being read. */
interface ChatCall {
  readonly events: AsyncIterable<ChatEvent>;
  /** To be told when the last event has come, so that the connection is kept. */
  complete(): void;
}

/** The router owns retries and time-outs; this is the longest that a Node timer can wait, 24 days. */
const callOptions = { maxRetries: 0, timeout: 2 ** 31 - 1 } as const;

/** Loads the package on first use. */
export async function createClient(settings: ClientSettings): Promise<ChatClient> {
  const { OpenAI } = await import('openai');
  /** Servers that put their message elsewhere than into `error` would lose it in the package. */
  class CompatibleClient extends OpenAI {
    protected override makeStatusError(
      ...[status, body, message, headers]: Parameters<OpenAI['makeStatusError']>
    ): ReturnType<OpenAI['makeStatusError']> {
      return super.makeStatusError(status, wrappedError(body), message, headers);
    }
  }
  return new CompatibleClient({
    ...callOptions,
    // The package asks for a key even where the server does not.
    apiKey: settings.apiKey ?? 'none',
    // Left undefined, the package would send OpenAI's own from its environment variables to this server.
    adminAPIKey: null,
    organization: null,
    project: null,
    baseURL: settings.baseURL,
    defaultHeaders: {
      ...withoutOpenaiHeaders(process.env['OPENAI_CUSTOM_HEADERS'] ?? ''),
      ...(settings.apiKey === undefined ? { Authorization: null } : {}),
      ...settings.headers,
    },
    // It prints whole chunks that it cannot read.
    logLevel: 'off',
    ...(settings.fetch === undefined ? {} : { fetch: settings.fetch }),
  });
}

/** The package adds the headers of this variable, one a line, to every client; they were not meant for this server. */
function withoutOpenaiHeaders(lines: string): Record<string, null> {
  const names = lines.split('\n').map((line) => line.slice(0, Math.max(0, line.indexOf(':'))).trim());
  return Object.fromEntries(names.filter((name) => name !== '').map((name) => [name, null]));
}

/** Sends the body; resolves when the answer begins. */
export async function openCompletion(
  client: ChatClient,
  body: ChatBody,
  signal: AbortSignal,
  serverName: string,
): Promise<ChatCall> {
  const connection = new Connection(signal);
  const options = { ...callOptions, signal: connection.signal };
  try {
    if (!body.stream) {
      const whole = client.chat.completions.create(body as ChatCompletionCreateParamsNonStreaming, options);
      const { data, response } = await whole.withResponse();
      if (!isJsonContent(response.headers)) refuseForeignContent(response.headers, serverName);
      return { events: connection.read(single(asAnswer(data, serverName))), complete: () => connection.complete() };
    }
    const request = client.chat.completions.create(body as ChatCompletionCreateParamsStreaming, options);
    const { data, response } = await request.withResponse();
    // A server that does not stream answers whole; the package has not touched that body yet.
    if (isJsonContent(response.headers)) {
      const answer = asAnswer(await response.json(), serverName);
      return { events: connection.read(single(answer)), complete: () => connection.complete() };
    }
    refuseForeignContent(response.headers, serverName);
    return { events: connection.read(data), complete: () => connection.complete() };
  } catch (error) {
    connection.abort();
    throw error;
  }
}

function asAnswer(value: unknown, serverName: string): ChatEvent {
  if (typeof value === 'object' && value !== null && ('choices' in value || 'error' in value))
    return value as ChatEvent;
  throw new OcelliError('malformed-response', `${serverName} answered without \`choices\`. Check the base URL.`);
}

async function* single(event: ChatEvent): AsyncGenerator<ChatEvent, void> {
  yield await Promise.resolve(event);
}

/** `{ message }`, `{ detail }` and `[{ error }]` become `{ error }`. */
function wrappedError(body: unknown): object {
  const first: unknown = Array.isArray(body) ? body[0] : body;
  if (typeof first !== 'object' || first === null) return {};
  return 'error' in first ? first : { error: first };
}
