/** What the models of a run share: the file of responses, the counts, and who is waiting for whom. */

import { recordLine, recordVersion, type ResponseRecord } from '../scoring/index.js';
import type { Answer, BenchCall, Executed } from './executor.js';
import type { LineFile } from './json-lines.js';
import type { RunProgress } from './run-options.js';

export interface RunStateOptions {
  readonly file: LineFile;
  readonly planned: number;
  /** Answers of an earlier start that count. */
  readonly before: readonly ResponseRecord[];
  readonly now: () => number;
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
}

export class RunState {
  readonly now: () => number;
  readonly responses: ResponseRecord[];
  /** Calls of any model that the budget has not refused. */
  underWay = 0;
  readonly #options: RunStateOptions;
  readonly #startedAt: number;
  readonly #counts: { -readonly [Key in keyof RunProgress]: RunProgress[Key] };
  #waiting: (() => void)[] = [];

  constructor(options: RunStateOptions) {
    this.#options = options;
    this.now = options.now;
    this.#startedAt = options.now();
    this.responses = [...options.before];
    this.#counts = {
      step: 'asking',
      planned: options.planned,
      done: 0,
      failed: 0,
      skipped: 0,
      inputTokens: 0,
      outputTokens: 0,
      usd: 0,
      elapsedMs: 0,
      doneNow: 0,
    };
    for (const response of options.before) this.#count(response);
    this.#tell();
  }

  /** Keeps an answer; fulfilled when it is on the disk and booked. */
  async keep(call: BenchCall, executor: string, { answer, kept }: Executed): Promise<ResponseRecord> {
    const response = recordOf(call, executor, answer, this.now());
    await this.#options.file.append(recordLine(response));
    await kept?.();
    this.responses.push(response);
    this.#count(response);
    this.#counts.doneNow++;
    this.#tell();
    return response;
  }

  /** Fulfilled when the next call of any model is over. */
  nextEnd(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  ended(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  #count({ error, skipped, usage, costUsd }: ResponseRecord): void {
    this.#counts.done++;
    if (error !== undefined) this.#counts.failed++;
    if (skipped !== undefined) this.#counts.skipped++;
    this.#counts.inputTokens += usage?.inputTokens ?? 0;
    this.#counts.outputTokens += usage?.outputTokens ?? 0;
    this.#counts.usd += costUsd ?? 0;
  }

  #tell(): void {
    this.#counts.elapsedMs = this.now() - this.#startedAt;
    this.#options.onProgress?.({ ...this.#counts });
  }
}

function recordOf(call: BenchCall, executor: string, answer: Answer, now: number): ResponseRecord {
  return {
    record: 'response',
    version: recordVersion,
    itemId: call.item.id,
    model: call.model,
    prompt: call.prompt,
    repeat: call.repeat,
    executor,
    ...answer,
    at: new Date(now).toISOString(),
  };
}
