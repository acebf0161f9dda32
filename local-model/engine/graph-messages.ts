/** The messages between a graph's thread and the one that answers, and tensors in a shape that crosses threads. */

import type { MessagePort } from 'node:worker_threads';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ErrorKind } from '../../src/errors/index.js';

/** What the engine needs of a session, wherever that lives. */
export type GraphSession = Pick<
  InferenceSession,
  'inputNames' | 'outputNames' | 'inputMetadata' | 'outputMetadata' | 'run' | 'release'
>;

export interface PlainTensor {
  readonly type: Tensor['type'];
  readonly data: Tensor['data'];
  readonly dims: readonly number[];
}

export type PlainTensors = Readonly<Record<string, PlainTensor>>;

/** What a graph's thread is started with; `port` leads to the thread that answers. */
export interface GraphThreadData {
  readonly gate: SharedArrayBuffer;
  readonly port: MessagePort;
}

export type ToGraph =
  | { readonly type: 'open'; readonly path: string; readonly options: InferenceSession.SessionOptions }
  | { readonly type: 'run'; readonly feeds: PlainTensors; readonly fetches: readonly string[] }
  | { readonly type: 'release' };

export type FromGraph =
  | ({ readonly type: 'opened' } & Omit<GraphSession, 'run' | 'release'>)
  | { readonly type: 'ran'; readonly outputs: PlainTensors }
  | { readonly type: 'released' }
  /** `kind` is there where the error is one of ours. */
  | { readonly type: 'failed'; readonly message: string; readonly kind?: ErrorKind };

export function toPlain(tensors: Readonly<Record<string, unknown>>): PlainTensors {
  const entries = Object.entries(tensors as Readonly<Record<string, Tensor>>);
  return Object.fromEntries(entries.map(([name, { type, data, dims }]) => [name, { type, data, dims }]));
}

export function fromPlain(tensors: PlainTensors, Made: typeof Tensor): Record<string, Tensor> {
  const entries = Object.entries(tensors);
  return Object.fromEntries(entries.map(([name, { type, data, dims }]) => [name, new Made(type, data as never, dims)]));
}

/** Memory that a message takes along instead of a copy: of tensors that have it for themselves. A picture of 576 px is 4 MB. */
export function handedOver(tensors: PlainTensors): ArrayBuffer[] {
  const owned = Object.values(tensors).flatMap(({ data }) =>
    ArrayBuffer.isView(data) && data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength
      ? [data.buffer]
      : [],
  );
  return [...new Set(owned)];
}
