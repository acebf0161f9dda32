/** Lets native code run only while nobody wants the thread gone: a worker that dies inside a run takes the process with it. */

import { OcelliError } from '../../src/errors/index.js';

/** Places in the shared memory of an engine. */
const stopAt = 0;
const insideAt = 1;

/** Shared by the engine on the main thread and its workers. */
export function createGateMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(8);
}

/** The worker's side: every call into native code goes through `run`. */
export class NativeGate {
  readonly #state: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#state = new Int32Array(memory);
  }

  /** @throws OcelliError `aborted` when the engine is being shut down */
  async run<T>(work: () => Promise<T>): Promise<T> {
    Atomics.add(this.#state, insideAt, 1);
    try {
      if (Atomics.load(this.#state, stopAt) !== 0) {
        throw new OcelliError('aborted', 'The local engine is shutting down.');
      }
      return await work();
    } finally {
      Atomics.sub(this.#state, insideAt, 1);
      Atomics.notify(this.#state, insideAt);
    }
  }
}

/** The main thread's side: nothing native begins any more; true when nothing native is going on. */
export function stopNative(memory: SharedArrayBuffer): boolean {
  const state = new Int32Array(memory);
  Atomics.store(state, stopAt, 1);
  return Atomics.load(state, insideAt) === 0;
}

/** Blocks until nothing native is going on in any thread, for at most `timeoutMs`: only for the very end of a process. */
export function waitForNative(memory: SharedArrayBuffer, timeoutMs: number): void {
  const state = new Int32Array(memory);
  Atomics.store(state, stopAt, 1);
  const end = performance.now() + timeoutMs;
  // Again after each that is over: a model has two threads.
  for (let inside = Atomics.load(state, insideAt); inside !== 0; inside = Atomics.load(state, insideAt)) {
    const left = end - performance.now();
    if (left <= 0) return;
    Atomics.wait(state, insideAt, inside, left);
  }
}
