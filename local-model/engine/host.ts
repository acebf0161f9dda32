/** The model's side of the channel: loads once, answers one message after another, closes when told to. */

import { OcelliError } from '../../src/errors/index.js';
import type { Control } from './generate.js';
import { localModelError } from './local-model-error.js';
import { LocalModel } from './model.js';
import { NativeGate } from './native-gate.js';
import { toPlainError, type Channel, type FromHost, type ToHost } from './protocol.js';

/** Serves a channel until it is told to close. */
export function serve(channel: Channel<FromHost, ToHost>): void {
  let model: LocalModel | undefined;
  // Messages are worked off in order: the sessions are not shared by two requests, and `close` comes after the running one.
  let tail: Promise<void> = Promise.resolve();

  async function handle(message: ToHost): Promise<void> {
    switch (message.type) {
      case 'load':
        try {
          model = await LocalModel.load(message.folder, message.options, new NativeGate(message.gate));
          channel.post({ type: 'loaded', summary: model.summary });
        } catch (error) {
          channel.post({ type: 'load-failed', error: toPlainError(error) });
        }
        return;
      case 'generate':
        return answer(message.id, async () => {
          for await (const event of loaded(model).generate(message.request, controlOf(message.abort))) {
            channel.post({ type: 'event', id: message.id, event });
          }
          channel.post({ type: 'done', id: message.id });
        });
      case 'count':
        return answer(message.id, async () => {
          channel.post({ type: 'counted', id: message.id, tokens: await loaded(model).count(message.request) });
        });
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

  async function answer(id: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      channel.post({ type: 'failed', id, error: toPlainError(error) });
    }
  }

  channel.receive((message) => {
    tail = tail.then(() => handle(message));
  });
}

function loaded(model: LocalModel | undefined): LocalModel {
  if (model === undefined) throw localModelError('The model is not loaded.');
  return model;
}

function controlOf(abort: SharedArrayBuffer): Control {
  const flag = new Int32Array(abort);
  return {
    check() {
      if (Atomics.load(flag, 0) !== 0) throw new OcelliError('aborted', 'The request was aborted.');
    },
  };
}
