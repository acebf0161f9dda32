/** What carries out calls: a hosted or local model, a baseline, stored responses; batches and other machines may join later. */

import type { ItemRecord, ResponseRecord } from '../scoring/index.js';

/** One question to one model. */
export interface BenchCall {
  readonly item: ItemRecord;
  readonly model: string;
  /** Index of the wording. */
  readonly prompt: number;
  readonly repeat: number;
}

/** What a call came to, still without the call's own names. */
export type Answer = Omit<
  ResponseRecord,
  'record' | 'version' | 'itemId' | 'model' | 'prompt' | 'repeat' | 'executor' | 'at'
> & { readonly executor?: string };

/** An answer, and what to do once it is on the disk. */
export interface Executed {
  readonly answer: Answer;
  /** Books what was spent: after the answer is kept, so that the books never know of money whose answer is lost. */
  readonly kept?: () => Promise<void>;
}

export interface Executor {
  /** As records name it. */
  readonly name: string;
  /** Calls that may be under way at `now`. */
  concurrency(now: number): number;
  /** Milliseconds after which to look again when nothing may be sent and nothing is under way. */
  pauseMs?(now: number): number;
  /** Once, before the first call, with all items of the run. */
  begin?(items: readonly ItemRecord[]): Promise<void>;
  /**
   * Carries out a call. A failure is an answer with `error`.
   *
   * @throws only when the run itself must stop: aborted, or a file of the run cannot be written
   */
  run(call: BenchCall, signal: AbortSignal): Promise<Executed>;
}

/** Names a call within a run. */
export function callKey({
  model,
  itemId,
  prompt,
  repeat,
}: Pick<ResponseRecord, 'model' | 'itemId' | 'prompt' | 'repeat'>): string {
  return JSON.stringify([model, itemId, prompt, repeat]);
}
