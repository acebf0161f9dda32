/** The model's side of the channel: answers and counts. */

import type { GraphThread } from './graph-thread.js';
import { localModelError } from './local-model-error.js';
import { LocalModel } from './model.js';
import type { Channel, FromHost, ToHost } from './protocol.js';
import { controlOf, serveModel } from './serve-model.js';

type HostRequest = Extract<ToHost, { readonly id: number }>;

/**
 * Serves a channel until it is told to close.
 *
 * @param tower where the vision tower is to be loaded; without it everything is in this thread
 */
export function serve(channel: Channel<FromHost, ToHost>, tower?: GraphThread): void {
  serveModel<LocalModel, HostRequest, FromHost>(channel, {
    load: (folder, options, gate) => LocalModel.load(folder, options, gate, tower),
    loaded: ({ summary }) => ({ type: 'loaded', summary }),
    notLoaded: () => localModelError('The model is not loaded.'),
    work,
  });
}

async function work(model: LocalModel, message: HostRequest, post: (answer: FromHost) => void): Promise<void> {
  const { id } = message;
  switch (message.type) {
    case 'generate':
      for await (const event of model.generate(message.request, controlOf(message.abort))) {
        post({ type: 'event', id, event });
      }
      post({ type: 'done', id });
      return;
    case 'count':
      post({ type: 'counted', id, tokens: await model.count(message.request) });
      return;
    default: {
      const unknown: never = message;
      throw new TypeError(`Unknown message ${JSON.stringify(unknown)}`);
    }
  }
}
