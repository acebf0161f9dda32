/** Works through the calls to one model: as many at once as it takes, until they are done, the budget ends or the model is given up. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, BenchCall, Executor } from './executor.js';
import type { RunState } from './run-state.js';

/** Failures that the next call will meet as well; so many in a row and the model is given up. */
const hopelessKinds: ReadonlySet<string> = new Set([
  'authentication',
  'permission',
  'quota',
  'model-not-found',
  'local-model',
]);
const hopelessInARow = 3;
/** Any failures in a row, each after its retries: the provider is down. */
const failuresInARow = 25;
/** Most milliseconds between looks at a pause. */
const longestLookMs = 1_000;

/** How a model's calls ended: all were made, or why not. */
export interface QueueEnd {
  readonly reason?: string;
}

export interface ModelQueueOptions {
  readonly model: string;
  readonly executor: Executor;
  readonly calls: readonly BenchCall[];
  readonly state: RunState;
  readonly signal: AbortSignal;
}

/** @throws what the run cannot go on after: a file that cannot be written */
export async function runQueue(options: ModelQueueOptions): Promise<QueueEnd> {
  return new ModelQueue(options).run();
}

class ModelQueue {
  readonly #options: ModelQueueOptions;
  readonly #calls: BenchCall[];
  /** Calls that are asked or being written down. */
  readonly #active = new Set<Promise<void>>();
  /** Those of them that are asked: a provider need not wait for our disk. */
  #asked = 0;
  #onChange: () => void = () => undefined;
  /** Most calls at once since the budget refused one; what is under way may leave more than was reserved for it. */
  #budgetCap = Infinity;
  #waitsForMoney = false;
  #moneyGone = false;
  #gaveUp: string | undefined;
  #failed: unknown;
  #failures = 0;
  #hopeless = 0;

  constructor(options: ModelQueueOptions) {
    this.#options = options;
    // Taken from the end.
    this.#calls = options.calls.toReversed();
  }

  async run(): Promise<QueueEnd> {
    const { state, signal } = this.#options;
    for (;;) {
      if (this.#failed !== undefined || signal.aborted || this.#gaveUp !== undefined || this.#moneyGone) break;
      if (this.#calls.length === 0 && this.#active.size === 0) break;
      // While others are under way, what they leave of their worst case may pay for the call that was refused.
      if (this.#waitsForMoney && state.underWay > 0) await state.nextEnd();
      this.#waitsForMoney = false;
      this.#startSome();
      if (this.#active.size > 0) await this.#change();
      else await this.#pause();
    }
    await Promise.allSettled(this.#active);
    if (this.#failed !== undefined) throw this.#failed;
    if (this.#moneyGone) {
      await this.#skipRest();
      return { reason: `the budget ended before ${this.#options.model} was asked everything` };
    }
    return this.#gaveUp === undefined ? {} : { reason: this.#gaveUp };
  }

  #startSome(): void {
    const { executor, state } = this.#options;
    const most = Math.min(this.#budgetCap, executor.concurrency(state.now()));
    while (this.#calls.length > 0 && this.#asked < most && this.#active.size < 2 * most) {
      const call = this.#calls.pop();
      if (call === undefined) return;
      const work = this.#carryOut(call).finally(() => {
        this.#active.delete(work);
        state.ended();
        this.#onChange();
      });
      this.#active.add(work);
    }
  }

  /** Fulfilled when a call is answered or written down. Nothing can happen between the look at what there is and this. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = resolve;
    });
  }

  async #pause(): Promise<void> {
    const { executor, state, signal } = this.#options;
    const pauseMs = executor.pauseMs?.(state.now()) ?? 0;
    await sleep(Math.min(longestLookMs, Math.max(5, pauseMs)), undefined, { signal }).catch(() => undefined);
  }

  /** Never rejects. */
  async #carryOut(call: BenchCall): Promise<void> {
    const { executor, state, signal } = this.#options;
    const leaveRun = once(() => state.underWay--);
    const leaveProvider = once(() => this.#asked--);
    state.underWay++;
    this.#asked++;
    try {
      const executed = await executor.run(call, signal);
      if (executed.answer.skipped === 'budget') {
        leaveRun();
        // An earlier attempt at it may have cost something.
        await executed.kept?.();
        this.#refused(call);
        return;
      }
      this.#judge(executed.answer);
      leaveProvider();
      this.#onChange();
      await state.keep(call, executor.name, executed);
    } catch (error) {
      if (!signal.aborted) this.#failed ??= error;
    } finally {
      leaveProvider();
      leaveRun();
    }
  }

  /** The worst case of a call did not fit. Its place is not free before this is known, so that fewer and fewer are tried. */
  #refused(call: BenchCall): void {
    this.#calls.push(call);
    if (this.#options.state.underWay === 0) this.#moneyGone = true;
    this.#waitsForMoney = true;
    this.#budgetCap = Math.max(1, this.#asked - 1);
  }

  #judge({ error }: Answer): void {
    if (error === undefined) {
      this.#failures = 0;
      this.#hopeless = 0;
      return;
    }
    this.#failures++;
    this.#hopeless = hopelessKinds.has(error.kind) ? this.#hopeless + 1 : 0;
    if (this.#hopeless < hopelessInARow && this.#failures < failuresInARow) return;
    this.#gaveUp ??= `${this.#options.model} was given up after ${this.#failures} failures in a row, the last: ${error.message}`;
  }

  async #skipRest(): Promise<void> {
    const { executor, state } = this.#options;
    const rest = this.#calls.splice(0).toReversed();
    await Promise.all(rest.map((call) => state.keep(call, executor.name, { answer: { skipped: 'budget' } })));
  }
}

function once(work: () => unknown): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}
