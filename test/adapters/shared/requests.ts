/** Prepared requests and small helpers for the tests of both OpenAI wires. */

import { createHash } from 'node:crypto';
import { OcelliError } from '../../../src/errors/index.js';
import {
  ContentBuilder,
  type AdapterEvent,
  type AssistantPart,
  type Detail,
  type MediaBytes,
  type PreparedMediaPart,
  type PreparedRequest,
} from '../../../src/request/index.js';

/** A picture of one pixel. */
export const pixelBase64 =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export function mediaBytes(base64: string, mediaType: string): MediaBytes {
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { type: 'bytes', bytes, base64, mediaType, sha256 };
}

export function picture(detail: Detail = 'high'): PreparedMediaPart {
  return { type: 'image', detail, media: { ...mediaBytes(pixelBase64, 'image/png'), width: 1, height: 1 } };
}

export function preparedRequest(changes: Partial<PreparedRequest> = {}): PreparedRequest {
  return {
    modelId: 'gpt-4o',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'How many coins?' }] }],
    maxOutputTokens: 4_096,
    stop: [],
    tools: [],
    toolChoice: 'auto',
    providerOptions: {},
    ...changes,
  };
}

export async function collect(events: AsyncIterable<AdapterEvent>): Promise<AdapterEvent[]> {
  const collected: AdapterEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

/** The events until the failure, and the failure, which must be one of ours. */
export async function collectFailing(
  events: AsyncIterable<AdapterEvent>,
): Promise<{ events: AdapterEvent[]; error: OcelliError }> {
  const collected: AdapterEvent[] = [];
  try {
    for await (const event of events) collected.push(event);
  } catch (error) {
    if (OcelliError.isInstance(error)) return { events: collected, error };
    throw new Error(`Not an OcelliError: ${String(error)}`, { cause: error });
  }
  throw new Error(`Nothing was thrown after ${JSON.stringify(collected)}`);
}

/** The parts of an answer, as the router builds them. */
export function partsOf(events: readonly AdapterEvent[]): AssistantPart[] {
  const builder = new ContentBuilder();
  for (const event of events)
    if (!['response-start', 'usage', 'warning', 'finish'].includes(event.type))
      builder.add(event as Parameters<ContentBuilder['add']>[0]);
  return builder.parts();
}

export function textOf(events: readonly AdapterEvent[]): string {
  return events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
}
