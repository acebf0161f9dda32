/** The dual encoder's side of the channel: loads once, embeds one request after another, closes when told to. */

import { OcelliError } from '../../../src/errors/index.js';
import type { Control } from '../generate.js';
import { localModelError } from '../local-model-error.js';
import { NativeGate } from '../native-gate.js';
import { toPlainError, type Channel } from '../protocol.js';
import { DualModel } from './dual-model.js';
import type { FromEncoder, ToEncoder } from './protocol.js';

/** Serves a channel until it is told to close. */
export function serveEncoder(channel: Channel<FromEncoder, ToEncoder>): void {
  let model: DualModel | undefined;
  let tail: Promise<void> = Promise.resolve();

  async function handle(message: ToEncoder): Promise<void> {
    switch (message.type) {
      case 'load':
        try {
          model = await DualModel.load(message.folder, message.options, new NativeGate(message.gate));
          channel.post({ type: 'loaded', summary: model.summary });
        } catch (error) {
          channel.post({ type: 'load-failed', error: toPlainError(error) });
        }
        return;
      case 'embed':
        try {
          if (model === undefined) throw localModelError('The dual encoder is not loaded.');
          const { images, texts } = await model.embed(message.images, message.texts, controlOf(message.abort));
          channel.post({ type: 'embedded', id: message.id, images, texts });
        } catch (error) {
          channel.post({ type: 'failed', id: message.id, error: toPlainError(error) });
        }
        return;
      case 'close':
        try {
          await model?.close();
        } finally {
          model = undefined;
          channel.close();
        }
        return;
      default: {
        const unknown: never = message;
        throw new TypeError(`Unknown message ${JSON.stringify(unknown)}`);
      }
    }
  }

  channel.receive((message) => {
    tail = tail.then(() => handle(message));
  });
}

function controlOf(abort: SharedArrayBuffer): Control {
  const flag = new Int32Array(abort);
  return {
    check() {
      if (Atomics.load(flag, 0) !== 0) throw new OcelliError('aborted', 'The request was aborted.');
    },
  };
}
