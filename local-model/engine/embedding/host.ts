/** The dual encoder's side of the channel: embeds. */

import { localModelError } from '../local-model-error.js';
import type { Channel } from '../protocol.js';
import { controlOf, serveModel } from '../serve-model.js';
import { DualModel } from './dual-model.js';
import type { FromEncoder, ToEncoder } from './protocol.js';

type EmbedMessage = Extract<ToEncoder, { readonly type: 'embed' }>;

/** Serves a channel until it is told to close. */
export function serveEncoder(channel: Channel<FromEncoder, ToEncoder>): void {
  serveModel<DualModel, EmbedMessage, FromEncoder>(channel, {
    load: (folder, options, gate) => DualModel.load(folder, options, gate),
    loaded: ({ summary }) => ({ type: 'loaded', summary }),
    notLoaded: () => localModelError('The dual encoder is not loaded.'),
    async work(model, { id, images: pictures, texts: words, abort }, post) {
      const { images, texts } = await model.embed(pictures, words, controlOf(abort));
      post({ type: 'embedded', id, images, texts });
    },
  });
}
