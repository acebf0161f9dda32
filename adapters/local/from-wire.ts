/** Turns the engine's events into the adapter's. */

import type { AdapterEvent } from '../../src/request/index.js';
import type { LocalEvent } from './client.js';
import { finalUsage, promptUsage } from './usage.js';

/** The events of one answer; the usage of the prompt is known, and said, before the first text. */
export async function* fromWire(events: AsyncIterable<LocalEvent>): AsyncGenerator<AdapterEvent, void> {
  for await (const event of events) {
    switch (event.type) {
      case 'prompt':
        yield { type: 'response-start' };
        yield { type: 'usage', usage: promptUsage(event) };
        break;
      case 'text':
        yield { type: 'text-delta', text: event.text };
        break;
      case 'finish':
        yield { type: 'finish', reason: event.reason, usage: finalUsage(event, event.outputTokens) };
        break;
      default: {
        const unknown: never = event;
        throw new TypeError(`Unknown event ${JSON.stringify(unknown)}`);
      }
    }
  }
}
