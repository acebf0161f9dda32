/** The messages between an engine and the thread its model runs in. */

import { OcelliError, type ErrorKind } from '../../src/errors/index.js';
import type { EngineEvent, EngineRequest, LoadOptions, ModelSummary, PromptTokens } from './request.js';

export type ToHost =
  | { readonly type: 'load'; readonly folder: string; readonly options: LoadOptions; readonly gate: SharedArrayBuffer }
  /** `abort` holds one Int32 that becomes 1 when the caller is gone; it is read between runs, while no message could be. */
  | {
      readonly type: 'generate';
      readonly id: number;
      readonly request: EngineRequest;
      readonly abort: SharedArrayBuffer;
    }
  | { readonly type: 'count'; readonly id: number; readonly request: EngineRequest }
  | { readonly type: 'close' };

export type FromHost =
  | { readonly type: 'loaded'; readonly summary: ModelSummary }
  | { readonly type: 'load-failed'; readonly error: PlainError }
  | { readonly type: 'event'; readonly id: number; readonly event: EngineEvent }
  | { readonly type: 'counted'; readonly id: number; readonly tokens: PromptTokens }
  | { readonly type: 'done'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly error: PlainError };

/** An error in a shape that crosses threads. */
export interface PlainError {
  readonly kind: ErrorKind;
  readonly message: string;
}

export function toPlainError(error: unknown): PlainError {
  if (OcelliError.isInstance(error)) return { kind: error.kind, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'local-model', message: `The local engine failed: ${message}` };
}

export function fromPlainError(error: PlainError): OcelliError {
  return new OcelliError(error.kind, error.message);
}

/** Cloning a view clones all of the memory behind it, so a picture that is a part of something larger is copied out before it is posted. */
export function compact(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

/** What both ends of a channel can do; a `MessagePort` and a `Worker` have it. */
export interface Channel<Out, In> {
  post(message: Out): void;
  receive(listener: (message: In) => void): void;
  close(): void;
}
