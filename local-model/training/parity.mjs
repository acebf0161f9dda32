/**
 * Compares our engine and transformers.js with PyTorch's greedy answers on the cases that export.py left in state/parity:
 * `node parity.mjs [MODEL FOLDER]`. Needs `npm run build`; transformers.js is taken from benchmarks/performance where it is installed.
 */

import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { loadEngine } from '../../dist/local-model/engine/index.js';

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2] ?? `${here}/../weights`);
const { cases, longest } = JSON.parse(readFileSync(`${here}/state/parity/cases.json`, 'utf8'));
const pictureOf = ({ picture }) => (picture === null ? undefined : `${here}/state/parity/${picture}`);

for (const [name, open] of [
  ['our engine', openEngine],
  ['transformers.js', openTransformers],
]) {
  const answerTo = await open().catch((error) => console.log(`${name}: not there (${error.message.split('\n')[0]})`));
  if (answerTo === undefined) continue;
  let same = 0;
  let asked = 0;
  for (const one of cases) {
    const answer = await answerTo(one);
    if (answer === undefined) continue;
    asked++;
    if (answer === one.answer) same++;
    else console.log(`${name} differs: ${JSON.stringify(one.question)}: ${JSON.stringify([one.answer, answer])}`);
  }
  console.log(`${name}: ${same} of ${asked} greedy answers equal PyTorch's`);
}
process.exit();

async function openEngine() {
  const engine = await loadEngine({ folder });
  return async (one) => {
    const file = pictureOf(one);
    const picture = file === undefined ? [] : [{ type: 'image', bytes: new Uint8Array(readFileSync(file)), tiles: one.fine }];
    const content = [...picture, { type: 'text', text: one.question }];
    let text = '';
    for await (const event of engine.generate({ messages: [{ role: 'user', content }], maxOutputTokens: longest })) {
      if (event.type === 'text') text += event.text;
    }
    return text;
  };
}

async function openTransformers() {
  const from = createRequire(resolve(here, '../../benchmarks/performance/package.json'));
  const { AutoProcessor, LlavaForConditionalGeneration, RawImage, env } = await import(
    from.resolve('@huggingface/transformers')
  );
  env.allowRemoteModels = false;
  env.localModelPath = dirname(folder);
  const config = JSON.parse(readFileSync(`${folder}/config.json`, 'utf8'));
  const dtype = config['transformers.js_config'].dtype;
  const processor = await AutoProcessor.from_pretrained(basename(folder));
  const model = await LlavaForConditionalGeneration.from_pretrained(basename(folder), { dtype });
  return async (one) => {
    if (one.fine && one.picture !== null) return undefined; // it knows one size
    const file = pictureOf(one);
    const content = [...(file === undefined ? [] : [{ type: 'image' }]), { type: 'text', text: one.question }];
    const prompt = processor.apply_chat_template([{ role: 'user', content }], { add_generation_prompt: true });
    const inputs =
      file === undefined
        ? processor.tokenizer(prompt, { add_special_tokens: false })
        : await processor(await RawImage.read(file), prompt, { add_special_tokens: false });
    const output = await model.generate({ ...inputs, max_new_tokens: longest, do_sample: false });
    return processor.batch_decode(output.slice(null, [inputs.input_ids.dims.at(-1), null]), {
      skip_special_tokens: true,
    })[0];
  };
}
