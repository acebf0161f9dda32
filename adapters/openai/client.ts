/** The only file that touches the `openai` package: makes the client, sends the body, hands back raw events. */

import type { OpenAI } from 'openai';
import type { InputTokenCountParams } from 'openai/resources/responses/input-tokens';
import type { ResponseCreateParamsStreaming, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { Connection } from '../shared/connection.js';
import { refuseForeignContent } from '../shared/event-stream.js';

/** What is needed of a client: the package's own `OpenAI` or `AzureOpenAI`, of any version. */
export type ResponsesClient = Pick<OpenAI, 'responses'>;

/** Address and key of one call, read when it is made. */
export interface ClientSettings {
  readonly apiKey: string | undefined;
  readonly baseURL: string | undefined;
  readonly organization: string | undefined;
  readonly project: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch | undefined;
}

/** One answer being read. */
interface ResponseCall {
  readonly events: AsyncIterable<ResponseStreamEvent>;
  /** To be told when the last event has come, so that the connection is kept. */
  complete(): void;
}

/** The router owns retries and time-outs; this is the longest that a Node timer can wait, 24 days. */
const callOptions = { maxRetries: 0, timeout: 2 ** 31 - 1 } as const;

/** Loads the package on first use. */
export async function createClient(settings: ClientSettings): Promise<ResponsesClient> {
  const { OpenAI } = await import('openai');
  return new OpenAI({
    ...callOptions,
    apiKey: settings.apiKey ?? null,
    // Left undefined, the package would take these from its own environment variables.
    adminAPIKey: null,
    baseURL: settings.baseURL ?? 'https://api.openai.com/v1',
    organization: settings.organization ?? null,
    project: settings.project ?? null,
    defaultHeaders: settings.headers,
    // It prints whole chunks that it cannot read.
    logLevel: 'off',
    ...(settings.fetch === undefined ? {} : { fetch: settings.fetch }),
  });
}

/** Sends the body; resolves when the answer begins. */
export async function openResponse(
  client: ResponsesClient,
  body: ResponseCreateParamsStreaming,
  signal: AbortSignal,
): Promise<ResponseCall> {
  const connection = new Connection(signal);
  try {
    const request = client.responses.create(body, { ...callOptions, signal: connection.signal });
    const { data, response } = await request.withResponse();
    refuseForeignContent(response.headers, 'OpenAI');
    return { events: connection.read(data), complete: () => connection.complete() };
  } catch (error) {
    connection.abort();
    throw error;
  }
}

/** Exact input tokens by the count endpoint, which takes the fields of a request that the model reads. */
export async function countInputTokens(
  client: ResponsesClient,
  body: ResponseCreateParamsStreaming,
  signal: AbortSignal,
): Promise<number> {
  const connection = new Connection(signal);
  try {
    const params = countParams(body);
    const counted = await client.responses.inputTokens.count(params, { ...callOptions, signal: connection.signal });
    return counted.input_tokens;
  } finally {
    connection.release();
  }
}

const countedFields = [
  'conversation',
  'input',
  'instructions',
  'model',
  'parallel_tool_calls',
  'previous_response_id',
  'reasoning',
  'text',
  'tool_choice',
  'tools',
  'truncation',
] as const satisfies readonly (keyof InputTokenCountParams & keyof ResponseCreateParamsStreaming)[];

function countParams(body: ResponseCreateParamsStreaming): InputTokenCountParams {
  const present = countedFields.filter((field) => body[field] !== undefined);
  return Object.fromEntries(present.map((field) => [field, body[field]]));
}
