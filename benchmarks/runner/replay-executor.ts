/** Answers from stored responses: another parser, another machine or no network gives the same scores again. */

import type { ResponseRecord } from '../scoring/index.js';
import { callKey, type BenchCall, type Executed, type Executor } from './executor.js';

/** Answers each call with the stored response to the same item, model, wording and repeat. */
export class ReplayExecutor implements Executor {
  readonly name = 'replay';
  readonly #responses: ReadonlyMap<string, ResponseRecord>;

  constructor(responses: readonly ResponseRecord[]) {
    this.#responses = new Map(responses.map((response) => [callKey(response), response]));
  }

  concurrency(): number {
    return 16;
  }

  run({ item, model, prompt, repeat }: BenchCall): Promise<Executed> {
    const stored = this.#responses.get(callKey({ itemId: item.id, model, prompt, repeat }));
    if (stored === undefined)
      return Promise.resolve({
        answer: { error: { kind: 'no-candidate', message: 'No response to this item is stored.' } },
      });
    const {
      record: _record,
      version: _version,
      itemId: _itemId,
      model: _model,
      prompt: _prompt,
      repeat: _repeat,
      at: _at,
      executor: _executor,
      reservations: _reservations,
      ...answer
    } = stored;
    return Promise.resolve({ answer: { ...answer, costUsd: 0 } });
  }
}
