/**
 * A thread that holds one graph of a model for the thread that answers: while one loads the vision tower, the other loads everything else.
 *
 * Quicker loading is all it is for: once loaded, the two never compute at the same time.
 */

import type { MessagePort } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-node';
import { OcelliError } from '../../src/errors/index.js';
import { fromPlain, handedOver, toPlain, type FromGraph, type GraphSession, type ToGraph } from './graph-messages.js';
import { loadOnnxRuntime } from './runtime.js';

type Answer<Type extends FromGraph['type']> = Extract<FromGraph, { readonly type: Type }>;

const gone: FromGraph = { type: 'failed', message: 'the thread of the graph is gone' };

/** The near end of that thread. It takes one request at a time, and does not keep this thread alive. */
export class GraphThread {
  readonly #port: MessagePort;
  #settle: ((answer: FromGraph) => void) | undefined;
  #isGone = false;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (answer: FromGraph) => this.#settle?.(answer));
    port.on('close', () => {
      this.#isGone = true;
      this.#settle?.(gone);
    });
    port.unref();
  }

  /**
   * Loads a graph there. A run takes the memory of its inputs away, where they have it for themselves.
   *
   * @throws what onnxruntime says; OcelliError `aborted` when the engine is being shut down
   */
  async open(path: string, options: InferenceSession.SessionOptions): Promise<GraphSession> {
    const { type: _, ...facts } = await this.#ask({ type: 'open', path, options }, 'opened');
    return {
      ...facts,
      run: async (feeds, fetches) => {
        const plain = toPlain(feeds);
        const wanted = Array.isArray(fetches) ? (fetches as readonly string[]) : facts.outputNames;
        const { outputs } = await this.#ask({ type: 'run', feeds: plain, fetches: wanted }, 'ran', handedOver(plain));
        return fromPlain(outputs, (await loadOnnxRuntime()).Tensor);
      },
      release: async () => {
        if (!this.#isGone) await this.#ask({ type: 'release' }, 'released');
      },
    };
  }

  #ask<Type extends FromGraph['type']>(
    message: ToGraph,
    expected: Type,
    handOver: ArrayBuffer[] = [],
  ): Promise<Answer<Type>> {
    if (this.#isGone) return Promise.reject(errorOf(gone));
    return new Promise((resolve, reject) => {
      this.#settle = (answer) => {
        this.#settle = undefined;
        if (answer.type === expected) resolve(answer as Answer<Type>);
        else reject(errorOf(answer));
      };
      this.#port.postMessage(message, handOver);
    });
  }
}

function errorOf(answer: FromGraph): Error {
  if (answer.type !== 'failed') return new TypeError(`Unexpected answer ${answer.type}`);
  return answer.kind === undefined ? new Error(answer.message) : new OcelliError(answer.kind, answer.message);
}
