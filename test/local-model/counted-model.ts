/** A model in this thread whose native runs are counted: what is saved shows in runs, not in time. */

import { onTestFinished } from 'vitest';
import { LocalModel } from '../../local-model/engine/model.js';
import { createGateMemory, NativeGate } from '../../local-model/engine/native-gate.js';
import type { EngineRequest, LoadOptions } from '../../local-model/engine/request.js';
import { collect, type Answer } from './fixture.js';

class CountingGate extends NativeGate {
  runs = 0;

  override run<T>(work: () => Promise<T>): Promise<T> {
    this.runs++;
    return super.run(work);
  }
}

export interface CountedModel {
  readonly model: LocalModel;
  /** The answer, and how often native code ran for it: decoding and encoding a picture, embedding, and the decoder's runs. */
  readonly ask: (request: EngineRequest) => Promise<Answer & { readonly runs: number }>;
}

export async function countedModel(folder: string, options: LoadOptions = {}): Promise<CountedModel> {
  const gate = new CountingGate(createGateMemory());
  const model = await LocalModel.load(folder, { threads: 1, ...options }, gate);
  onTestFinished(() => model.close());
  return {
    model,
    async ask(request) {
      const before = gate.runs;
      const answer = await collect(model.generate(request, { check: () => undefined }));
      return { ...answer, runs: gate.runs - before };
    },
  };
}
