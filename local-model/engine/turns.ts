/** A queue that lets one request at a time through, in the order of asking. */

interface Waiting {
  readonly enter: () => void;
  readonly refuse: (error: Error) => void;
}

export class Turns {
  readonly #waiting: Waiting[] = [];
  #busy = false;

  /**
   * Waits for a turn; call the result to end it.
   *
   * @param signal ends the waiting; the promise then rejects with `signal.reason`
   */
  async take(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#busy) await this.#wait(signal);
    this.#busy = true;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      // Stays busy for the next in line, so that nobody slips in before it wakes.
      const next = this.#waiting.shift();
      if (next === undefined) this.#busy = false;
      else next.enter();
    };
  }

  /** Sends everyone away who waits. */
  refuseAll(error: Error): void {
    for (const waiting of this.#waiting.splice(0)) waiting.refuse(error);
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    let onAbort: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const waiting: Waiting = { enter: resolve, refuse: reject };
        this.#waiting.push(waiting);
        onAbort = () => {
          const place = this.#waiting.indexOf(waiting);
          if (place === -1) return;
          this.#waiting.splice(place, 1);
          reject(signal?.reason as Error);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    } finally {
      if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
    }
  }
}
