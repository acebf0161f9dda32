/** Lets events out while a promise is still pending, so that retries are seen as they happen. */

/** Push from anywhere; `drainUntil` yields what was pushed until the given work is over. */
export class EventQueue<T> {
  #items: T[] = [];
  #wake: (() => void) | undefined;

  push(item: T): void {
    this.#items.push(item);
    this.#wake?.();
  }

  /** Yields pushed items until `work` has settled and nothing is left. Never throws what `work` throws. */
  async *drainUntil(work: Promise<unknown>): AsyncGenerator<T, void, undefined> {
    let pending = true;
    const done = (): void => {
      pending = false;
      this.#wake?.();
    };
    work.then(done, done);
    for (;;) {
      const items = this.#items;
      this.#items = [];
      yield* items;
      if (this.#items.length > 0) continue;
      if (!pending) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
