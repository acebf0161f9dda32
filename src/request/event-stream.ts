/** What `ocelli.stream` returns: the events, and sugar over them that cannot mistake a cut answer for a whole one. */

import { OcelliError } from '../errors/index.js';
import type { StreamEvent } from './events.js';
import type { Reply } from './reply.js';

/**
 * Events of one call, read once and pulled by the reader: nothing is sent before the first read.
 * Iterating the stream itself never throws, since `error` is an event; `text` and `reply()` throw.
 *
 * @example
 * for await (const text of ocelli.stream({ prompt: 'Describe it', images: ['a.jpg'] }).text) process.stdout.write(text);
 */
export class EventStream<T = unknown> implements AsyncIterable<StreamEvent<T>> {
  readonly #events: AsyncGenerator<StreamEvent, void, undefined>;
  #taken = false;

  constructor(events: AsyncGenerator<StreamEvent, void, undefined>) {
    this.#events = events;
  }

  [Symbol.asyncIterator](): AsyncIterator<StreamEvent<T>> {
    if (this.#taken) {
      throw new OcelliError('invalid-request', 'This stream was read already; call `stream` again for another answer.');
    }
    this.#taken = true;
    return this.#events as AsyncGenerator<StreamEvent<T>, void, undefined>;
  }

  /** The text as it comes. Throws the `OcelliError` when the answer fails or is cut. */
  get text(): AsyncIterable<string> {
    return { [Symbol.asyncIterator]: () => this.#textDeltas() };
  }

  /**
   * Reads to the end.
   *
   * @throws OcelliError what ended the stream; its `partialReply` holds what had come
   */
  async reply(): Promise<Reply<T>> {
    for await (const event of this) {
      if (event.type === 'finish') return event.reply;
      if (event.type === 'error') throw event.error;
    }
    throw new OcelliError('malformed-response', 'The stream ended without a last event.');
  }

  async *#textDeltas(): AsyncGenerator<string, void, undefined> {
    for await (const event of this) {
      if (event.type === 'text-delta' && event.text !== '') yield event.text;
      if (event.type === 'error') throw event.error;
    }
  }
}
