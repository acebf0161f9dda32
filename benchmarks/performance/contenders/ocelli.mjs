/** Ours, as users have it: the built package's engine in its worker. */

import { readFileSync } from 'node:fs';
import { loadEngine } from '../../../dist/local-model/engine/index.js';
import { importSource } from '../import-source.mjs';
import { serve } from './serve.mjs';

let engine;
let source;

serve({
  async load({ folder, threads, ...options }) {
    const start = performance.now();
    engine = await loadEngine({ folder, threads, ...options });
    return { time: performance.now() - start, description: engine.description };
  },

  async count({ text }) {
    const messages = messagesOf(text);
    return { tokens: (await engine.countTokens({ messages, maxOutputTokens: 1 })).inputTokens };
  },

  /** Without the end token, so that every contender writes as many tokens. */
  answer: ({ text, picture, most }) => answer(engine, text, picture, most),

  /** A second engine, with memory, as it is by default. */
  async questions({ folder, threads, picture, texts }) {
    const remembering = await loadEngine({ folder, threads });
    await answer(remembering, 'Hello', undefined, 1);
    const times = [];
    for (const text of texts) times.push((await answer(remembering, text, picture, 2)).first);
    await remembering.close();
    return { times };
  },

  async preprocess({ folder, picture, tiles }) {
    source ??= await preprocessing(folder);
    const bytes = readFileSync(picture);
    const start = performance.now();
    const { dims } = (await source(bytes, tiles)).inputs.pixel_values;
    return { time: performance.now() - start, dims };
  },

  /** How long the engine takes to be free again after an abort in the middle of a long prompt. */
  async abort({ text, after }) {
    const controller = new AbortController();
    const start = performance.now();
    setTimeout(() => controller.abort(), after);
    let seen = 0;
    try {
      const request = { messages: messagesOf(text), maxOutputTokens: 1 };
      for await (const _event of engine.generate(request, { signal: controller.signal })) continue;
    } catch {
      seen = performance.now() - start - after;
    }
    const waiting = performance.now();
    await engine.countTokens({ messages: messagesOf('Hello'), maxOutputTokens: 1 });
    return { seen, free: performance.now() - waiting + seen };
  },
});

function messagesOf(text, picture) {
  const image = picture === undefined ? [] : [{ type: 'image', bytes: new Uint8Array(readFileSync(picture)) }];
  return [{ role: 'user', content: [...image, { type: 'text', text }] }];
}

async function answer(model, text, picture, most) {
  const messages = messagesOf(text, picture);
  const start = performance.now();
  let first;
  let answered = '';
  let finish;
  for await (const event of model.generate({ messages, maxOutputTokens: most, logitBias: { 2: -1000 } })) {
    if (event.type === 'text') {
      first ??= performance.now();
      answered += event.text;
    }
    if (event.type === 'finish') finish = event;
  }
  const end = performance.now();
  const { inputTokens, outputTokens } = finish;
  if (outputTokens !== most) throw new Error(`${outputTokens} of ${most} tokens`);
  return { first: first - start, token: (end - first) / (outputTokens - 1), inputTokens, text: answered };
}

async function preprocessing(folder) {
  const { openModelFolder, familyOf, decodeImage, loadSharp } = await importSource(`
    export { openModelFolder } from './local-model/engine/folder.js';
    export { familyOf } from './local-model/engine/families.js';
    export { decodeImage } from './local-model/engine/decode-image.js';
    export { loadSharp } from './local-model/engine/runtime.js';
  `);
  const family = familyOf(openModelFolder(folder));
  const sharp = await loadSharp();
  return async (bytes, tiles) => family.preprocess(await decodeImage(sharp, bytes, 1e8), { tiles });
}
