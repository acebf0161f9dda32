/** transformers.js on the same folder: its model class and processor, since it has no pipeline for pictures and text. */

import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { AutoProcessor, env, Idefics3ForConditionalGeneration, RawImage } from '@huggingface/transformers';
import { serve } from './serve.mjs';

let model;
let processor;

serve({
  async load({ folder, threads }) {
    env.allowRemoteModels = false;
    env.localModelPath = dirname(folder);
    const start = performance.now();
    processor = await AutoProcessor.from_pretrained(basename(folder));
    model = await Idefics3ForConditionalGeneration.from_pretrained(basename(folder), {
      dtype: { embed_tokens: 'fp32', vision_encoder: 'int8', decoder_model_merged: 'q4' },
      device: 'cpu',
      session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
    });
    return { time: performance.now() - start };
  },

  async answer({ text, picture, most }) {
    const start = performance.now();
    const image = picture === undefined ? [] : [{ type: 'image' }];
    const messages = [{ role: 'user', content: [...image, { type: 'text', text }] }];
    const prompt = processor.apply_chat_template(messages, { add_generation_prompt: true });
    const inputs =
      picture === undefined
        ? processor.tokenizer(prompt, { add_special_tokens: false })
        : await processor(prompt, [await read(picture)], { do_image_splitting: false });
    const times = [];
    const ids = [];
    const streamer = {
      put([list]) {
        times.push(performance.now());
        ids.push(...list);
      },
      end: () => undefined,
    };
    const options = { max_new_tokens: most, min_new_tokens: most, do_sample: false, streamer };
    await model.generate({ ...inputs, ...options });
    // The prompt comes first.
    const [, first] = times;
    const inputTokens = inputs.input_ids.dims[1];
    const answered = processor.tokenizer.decode(ids.slice(inputTokens).map(Number), { skip_special_tokens: true });
    return { first: first - start, token: (times.at(-1) - first) / (times.length - 2), inputTokens, text: answered };
  },

  async preprocess({ picture, tiles }) {
    const start = performance.now();
    const inputs = await processor.image_processor([await read(picture)], { do_image_splitting: tiles });
    return { time: performance.now() - start, dims: inputs.pixel_values.dims };
  },
});

function read(path) {
  return RawImage.fromBlob(new Blob([readFileSync(path)]));
}
