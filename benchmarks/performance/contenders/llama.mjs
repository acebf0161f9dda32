/** node-llama-cpp on the GGUF that the folder was made from: no pictures, half-float cache in place. */

import { getLlama } from 'node-llama-cpp';
import { serve } from './serve.mjs';

let model;
let sequence;

serve({
  async load({ file, threads }) {
    const start = performance.now();
    const llama = await getLlama({ build: 'never', gpu: false, logLevel: 'error', maxThreads: threads });
    model = await llama.loadModel({ modelPath: file });
    const context = await model.createContext({ contextSize: 3072, threads, batchSize: 512 });
    sequence = context.getSequence();
    return { time: performance.now() - start };
  },

  async answer({ prompt, most }) {
    await sequence.clearHistory();
    const start = performance.now();
    const tokens = model.tokenize(prompt, true);
    const times = [];
    const ids = [];
    for await (const token of sequence.evaluate(tokens, { temperature: 0, yieldEogToken: true })) {
      times.push(performance.now());
      ids.push(token);
      if (ids.length === most) break;
    }
    const [first] = times;
    const token = (times.at(-1) - first) / (times.length - 1);
    return { first: first - start, token, inputTokens: tokens.length, text: model.detokenize(ids) };
  },
});
