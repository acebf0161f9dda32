/** The only file that touches Google's SDK, and the place where that SDK's habits end. */

import { OcelliError } from '../../src/errors/index.js';
import { Connection } from '../shared/connection.js';
import { abortedError } from './errors.js';
import type { GoogleBody, SdkClient, SdkRequest, WireChunk } from './wire.js';

export const keyVariables = ['GEMINI_API_KEY', 'GOOGLE_API_KEY'] as const;
export const baseURLVariable = 'GOOGLE_GEMINI_BASE_URL';

/** What is used of a client: `new GoogleGenerativeAI(key)` fits. */
export type GoogleClient = SdkClient;

/** Where calls go. Read anew for every call, so that a changed environment counts. */
export interface GoogleTarget {
  readonly client?: GoogleClient | undefined;
  readonly apiKey?: string | undefined;
  readonly baseURL?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The chunks of one answer, raw and one at a time. */
export async function* openStream(
  target: GoogleTarget,
  body: GoogleBody,
  signal: AbortSignal,
): AsyncGenerator<WireChunk, void> {
  // The SDK never takes its listener off the signal it gets, so it gets one that dies with the call.
  const connection = new Connection(signal);
  let reading = false;
  try {
    const { model, request } = await prepare(target, body, signal);
    const { stream, response } = await model.generateContentStream(request, { signal: connection.signal });
    // The SDK collects the whole answer a second time and rejects this promise when the stream is cut; nobody else listens.
    response.catch(() => undefined);
    reading = true;
    for await (const chunk of connection.read(stream)) {
      if (signal.aborted) throw abortedError();
      // Only the plain fields are used: the SDK's helper methods on a chunk throw when a filter struck.
      yield chunk;
    }
  } finally {
    if (!reading) connection.abort();
  }
}

/** Input tokens by the count endpoint. */
export async function countTokens(target: GoogleTarget, body: GoogleBody, signal: AbortSignal): Promise<number> {
  const connection = new Connection(signal);
  try {
    const { model, request } = await prepare(target, body, signal);
    const counted = await model.countTokens({ generateContentRequest: request }, { signal: connection.signal });
    const total: unknown = counted?.totalTokens;
    if (typeof total !== 'number')
      throw new OcelliError('malformed-response', 'Google counted tokens but named no number.', { provider: 'google' });
    return total;
  } finally {
    connection.release();
  }
}

type SdkModel = ReturnType<SdkClient['getGenerativeModel']>;

async function prepare(
  target: GoogleTarget,
  body: GoogleBody,
  signal: AbortSignal,
): Promise<{ model: SdkModel; request: SdkRequest }> {
  const client = await clientFor(target);
  if (signal.aborted) throw abortedError();
  // A copy, since the SDK writes a role into `systemInstruction`. The cast is where today's wire meets yesterday's types.
  const { model, ...request } = body;
  const sdkModel = client.getGenerativeModel(
    { model },
    {
      ...(target.baseURL === undefined ? {} : { baseUrl: target.baseURL.replace(/\/+$/, '') }),
      ...(target.headers === undefined ? {} : { customHeaders: { ...target.headers } }),
    },
  );
  return { model: sdkModel, request: { ...request } as unknown as SdkRequest };
}

async function clientFor(target: GoogleTarget): Promise<GoogleClient> {
  if (target.client !== undefined) return target.client;
  if (target.apiKey === undefined)
    throw new OcelliError('authentication', `There is no key for Google. Set ${keyVariables.join(' or ')}.`, {
      provider: 'google',
    });
  const { GoogleGenerativeAI } = await import('@google/generative-ai');
  return new GoogleGenerativeAI(target.apiKey);
}
