/** Events between a producer that pushes and a consumer that pulls. */

export class EventBuffer<T> implements AsyncIterable<T> {
  readonly #events: T[] = [];
  #error: Error | undefined;
  #ended = false;
  #wake: (() => void) | undefined;

  push(event: T): void {
    this.#events.push(event);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  fail(error: Error): void {
    this.#error ??= error;
    this.#wake?.();
  }

  /** Fails at once: what was not read yet is not wanted any more. */
  drop(error: Error): void {
    this.#events.length = 0;
    this.fail(error);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) yield event;
      else if (this.#error !== undefined) throw this.#error;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
