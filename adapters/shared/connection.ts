/** One call's connection: closed at once when the caller aborts or stops early, kept for the next call when the answer is complete. */

/** How long a server may take to end a stream whose last event has come, before the connection is given up. */
const patienceMs = 200;

/**
 * Stands between the caller's signal and a vendor's SDK: the SDKs leave their listener on the signal they get,
 * so they get one that lives only as long as the call.
 */
export class Connection {
  readonly #controller = new AbortController();
  readonly #callerSignal: AbortSignal;
  readonly #onAbort = (): void => this.abort();
  #complete = false;

  constructor(callerSignal: AbortSignal) {
    this.#callerSignal = callerSignal;
    if (callerSignal.aborted) this.#controller.abort();
    else callerSignal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** For the SDK. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Closes the socket. */
  abort(): void {
    this.release();
    this.#controller.abort();
  }

  /** Takes the listener off the caller's signal. */
  release(): void {
    this.#callerSignal.removeEventListener('abort', this.#onAbort);
  }

  /** Says that the last event has come: stopping to read is then no reason to close the socket. */
  complete(): void {
    this.#complete = true;
  }

  /** Hands the events on, and cleans up however reading ends. */
  async *read<Event>(events: AsyncIterable<Event>): AsyncGenerator<Event, void> {
    const iterator = events[Symbol.asyncIterator]();
    let ended = false;
    try {
      for (;;) {
        const next = await iterator.next();
        // The SDKs end an aborted stream quietly, which would pass for a complete answer; and what was read ahead is not wanted any more.
        if (this.#callerSignal.aborted) throw new DOMException('The call was aborted.', 'AbortError');
        if (next.done === true) break;
        yield next.value;
      }
      ended = true;
    } finally {
      if (ended) this.release();
      else if (this.#complete) this.#drain(iterator);
      else this.abort();
    }
  }

  /** A socket whose answer was read to its end can carry the next call; only the end-of-body mark is missing here. */
  #drain(iterator: AsyncIterator<unknown>): void {
    const timer = setTimeout(() => this.abort(), patienceMs);
    timer.unref();
    const pull = async (): Promise<void> => {
      try {
        while ((await iterator.next()).done !== true);
      } catch {
        // The answer is complete; what happens to its connection afterwards is nobody's concern.
      } finally {
        clearTimeout(timer);
        this.release();
      }
    };
    void pull();
  }
}
