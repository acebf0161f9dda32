/** What every host does: loads a model once, works its messages off in order, lets go of it when told to close. */

import { OcelliError } from '../../src/errors/index.js';
import type { Control } from './generate.js';
import { NativeGate } from './native-gate.js';
import { toPlainError, type Channel, type PlainError } from './protocol.js';
import type { LoadOptions } from './request.js';

/** Messages that every host knows. */
type LoadMessage = {
  readonly type: 'load';
  readonly folder: string;
  readonly options: LoadOptions;
  readonly gate: SharedArrayBuffer;
};
type CloseMessage = { readonly type: 'close' };

/** Answers that every host gives, besides its own. */
type Failure =
  | { readonly type: 'load-failed'; readonly error: PlainError }
  | { readonly type: 'failed'; readonly id: number; readonly error: PlainError };

/** A kind of model: how it is loaded and what it does with a request. */
export interface HostedModel<Model, Request, Answer> {
  load(folder: string, options: LoadOptions, gate: NativeGate): Promise<Model>;
  loaded(model: Model): Answer;
  /** @throws whatever went wrong; it is told to the other side */
  work(model: Model, request: Request, post: (answer: Answer) => void): Promise<void>;
  /** The error of a request that came before a model was loaded. */
  notLoaded(): OcelliError;
}

/** Serves a channel until it is told to close. */
export function serveModel<
  Model extends { close(): Promise<void> },
  Request extends { readonly type: string; readonly id: number },
  Answer,
>(
  channel: Channel<Answer | Failure, LoadMessage | CloseMessage | Request>,
  hosted: HostedModel<Model, Request, Answer>,
): void {
  let model: Model | undefined;
  // Messages are worked off in order: the sessions are not shared by two requests, and `close` comes after the running one.
  let tail: Promise<void> = Promise.resolve();

  async function handle(message: LoadMessage | CloseMessage | Request): Promise<void> {
    if (isLoad(message)) {
      try {
        model = await hosted.load(message.folder, message.options, new NativeGate(message.gate));
        channel.post(hosted.loaded(model));
      } catch (error) {
        channel.post({ type: 'load-failed', error: toPlainError(error) });
      }
      return;
    }
    if (isRequest(message)) {
      try {
        if (model === undefined) throw hosted.notLoaded();
        await hosted.work(model, message, (answer) => channel.post(answer));
      } catch (error) {
        channel.post({ type: 'failed', id: message.id, error: toPlainError(error) });
      }
      return;
    }
    try {
      await model?.close();
    } finally {
      model = undefined;
      channel.close();
    }
  }

  channel.receive((message) => {
    tail = tail.then(() => handle(message));
  });
}

function isLoad(message: { readonly type: string }): message is LoadMessage {
  return message.type === 'load';
}

function isRequest<Request extends { readonly id: number }>(
  message: LoadMessage | CloseMessage | Request,
): message is Request {
  return 'id' in message;
}

/** Tells a request between its runs whether the caller is gone: `abort` holds one Int32 that then becomes 1. */
export function controlOf(abort: SharedArrayBuffer): Control {
  const flag = new Int32Array(abort);
  return {
    check() {
      if (Atomics.load(flag, 0) !== 0) throw new OcelliError('aborted', 'The request was aborted.');
    },
  };
}
