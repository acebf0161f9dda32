/** Turns the engine's events into the adapter's. */

import type { AdapterEvent, JsonObject } from '../../src/request/index.js';
import type { LocalEvent } from './client.js';
import { provider } from './to-wire.js';
import { finalUsage, promptUsage } from './usage.js';

/** The events of one answer; the usage of the prompt is known, and said, before the first text. */
export async function* fromWire(events: AsyncIterable<LocalEvent>): AsyncGenerator<AdapterEvent, void> {
  const logprobs: JsonObject[] = [];
  for await (const event of events) {
    switch (event.type) {
      case 'prompt':
        yield { type: 'response-start' };
        yield { type: 'usage', usage: promptUsage(event) };
        break;
      case 'text':
        yield { type: 'text-delta', text: event.text };
        break;
      case 'token':
        logprobs.push({
          token: event.token,
          logprob: event.logprob,
          top: event.top.map(({ token, logprob }) => ({ token, logprob })),
        });
        break;
      case 'finish':
        // Asked for by `providerOptions.local.logprobs`: on the text part, as data of this provider.
        if (logprobs.length > 0) yield { type: 'text-delta', text: '', providerData: { [provider]: { logprobs } } };
        yield {
          type: 'finish',
          reason: event.reason,
          usage: finalUsage(event, event.outputTokens, event.cachedTokens),
        };
        break;
      default: {
        const unknown: never = event;
        throw new TypeError(`Unknown event ${JSON.stringify(unknown)}`);
      }
    }
  }
}
