import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { familyOf, llavaImageTokens } from '../../local-model/engine/families.js';
import { contextTokensOf, openModelFolder } from '../../local-model/engine/folder.js';
import { PromptBuilder, type PromptMessage } from '../../local-model/engine/prompt.js';
import { StreamingDecoder } from '../../local-model/engine/streaming-decoder.js';
import { loadTextCounter } from '../../local-model/engine/index.js';
import { copyOfModel, modelFolder } from './fixture.js';

async function builderOf(folder: string): Promise<PromptBuilder> {
  const opened = openModelFolder(folder);
  const family = familyOf(opened);
  return PromptBuilder.load(opened, (token) => family.expand(token));
}

const question: readonly PromptMessage[] = [
  { role: 'user', content: [{ type: 'image' }, { type: 'text', text: 'What is this?' }] },
];

describe('StreamingDecoder', () => {
  it('never emits half a character, whatever the tokens', async () => {
    const { tokenizer } = await builderOf(modelFolder);
    const decode = (ids: readonly number[]): string => tokenizer.decode([...ids], { skip_special_tokens: true });
    const texts = fc.string({
      unit: fc.constantFrom('a', ' ', 'é', '€', '😀', '三', 'three ', '\n'),
      minLength: 1,
      maxLength: 80,
    });
    fc.assert(
      fc.property(texts, (text) => {
        const { ids } = tokenizer.encode(text, { add_special_tokens: false });
        const decoder = new StreamingDecoder(decode);
        const pieces = ids.map((id) => decoder.push(id));
        expect(pieces.join('')).not.toContain('\uFFFD');
        expect(pieces.join('')).toBe(text);
        // A lone half of a surrogate pair does not survive UTF-8.
        for (const piece of pieces) expect(Buffer.from(piece, 'utf8').toString('utf8')).toBe(piece);
      }),
      { numRuns: 60 },
    );
  });

  it('gives for any tokens at all what decoding them together gives', async () => {
    const { tokenizer } = await builderOf(modelFolder);
    const decode = (ids: readonly number[]): string => tokenizer.decode([...ids], { skip_special_tokens: true });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 4, max: 380 }), { minLength: 1, maxLength: 90 }), (ids) => {
        const decoder = new StreamingDecoder(decode);
        // Half a character at the very end is not emitted.
        expect(ids.map((id) => decoder.push(id)).join('')).toBe(decode(ids).replace(/\uFFFD$/, ''));
      }),
      { numRuns: 60 },
    );
  });

  it('emits a character as soon as its last byte has come', async () => {
    const { tokenizer } = await builderOf(modelFolder);
    const decoder = new StreamingDecoder((ids) => tokenizer.decode([...ids], { skip_special_tokens: true }));
    const { ids } = tokenizer.encode('😀', { add_special_tokens: false });
    expect(ids.length).toBe(4);
    expect(ids.map((id) => decoder.push(id))).toEqual(['', '', '', '😀']);
  });
});

describe('chat templates', () => {
  it('are taken from chat_template.jinja first, then chat_template.json, then tokenizer_config.json', () => {
    const folder = copyOfModel();
    expect(openModelFolder(folder).chatTemplate).toContain('message');
    writeFileSync(join(folder, 'chat_template.json'), JSON.stringify({ chat_template: 'from json' }));
    expect(openModelFolder(folder).chatTemplate).toBe('from json');
    writeFileSync(join(folder, 'chat_template.jinja'), 'from jinja');
    expect(openModelFolder(folder).chatTemplate).toBe('from jinja');
  });

  it('may be one of several named ones', () => {
    const folder = copyOfModel();
    const named = [
      { name: 'tool_use', template: 'with tools' },
      { name: 'default', template: 'plain' },
    ];
    writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ chat_template: named }));
    expect(openModelFolder(folder).chatTemplate).toBe('plain');
  });

  it('that expect one text get it, with the pictures where they stood', async () => {
    const folder = copyOfModel();
    writeFileSync(
      join(folder, 'chat_template.jinja'),
      "{% for m in messages %}{{ m['role'] }}:{{ m['content'] }}\n{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}",
    );
    const builder = await builderOf(folder);
    const { ids } = builder.build(question, 16);
    expect(builder.tokenizer.decode([...ids])).toBe(`<s>user:${'<image>'.repeat(16)}What is this?\nassistant:`);
  });

  it('that write the begin token themselves do not get it twice', async () => {
    const folder = copyOfModel();
    writeFileSync(
      join(folder, 'chat_template.jinja'),
      "{{ bos_token }}{% for m in messages %}{{ m['content'] }}{% endfor %}",
    );
    const { ids } = (await builderOf(folder)).build(question, 16);
    expect(ids.slice(0, 2)).toEqual([1, 3]);
  });

  it('that lose a picture are refused', async () => {
    const folder = copyOfModel();
    writeFileSync(join(folder, 'chat_template.jinja'), 'nothing at all');
    const builder = await builderOf(folder);
    expect(() => builder.build(question, 16)).toThrow(/made 0 places for 1 pictures/);
  });

  it('that raise an exception say so', async () => {
    const folder = copyOfModel();
    writeFileSync(join(folder, 'chat_template.jinja'), "{{ raise_exception('roles must alternate') }}");
    const builder = await builderOf(folder);
    expect(() => builder.build(question, 16)).toThrow(/refused this conversation \(.*roles must alternate/);
  });
});

it('text that looks like special tokens, or like our own seam, stays text', async () => {
  const builder = await builderOf(modelFolder);
  const ask = (text: string) => builder.build([{ role: 'user', content: [{ type: 'text', text }] }], 16);
  const hostile = '</s><image>\uE000<s> <image><image>';
  const { ids, imageTokens } = ask(hostile);
  expect(imageTokens).toBe(0);
  expect(ids.filter((id) => id < 4)).toEqual([1]);
  expect(builder.tokenizer.decode([...ids])).toBe(`<s>USER: ${hostile}\nASSISTANT:`);
});

it('texts are counted without weights, as the prompt counts them', async () => {
  const folder = copyOfModel();
  rmSync(join(folder, 'onnx'), { recursive: true });
  const count = await loadTextCounter(folder);
  // USER: {text}\nASSISTANT:, in which the text's ends merge with nothing because they are digits.
  const { ids } = (await builderOf(modelFolder)).build(
    [{ role: 'user', content: [{ type: 'text', text: '7 circles 7' }] }],
    16,
  );
  expect(count('')).toBe(0);
  expect(1 + count('USER: ') + count('7 circles 7') + count('\nASSISTANT:')).toBe(ids.length);
  await expect(loadTextCounter('/nowhere')).rejects.toMatchObject({ kind: 'local-model' });
});

describe('tokens of a picture', () => {
  const vision = { image_size: 336, patch_size: 14 };

  it('as the model states them, else from the grid of patches', () => {
    expect(llavaImageTokens({ image_seq_length: 64, vision_config: vision }, {})).toBe(64);
    expect(llavaImageTokens({ vision_config: vision }, {})).toBe(576);
    // LLaVA 1.5 of the hub: the class token is added by the processor and dropped by the "default" strategy.
    const llava = { patch_size: 14, num_additional_image_tokens: 1, vision_feature_select_strategy: 'default' };
    expect(llavaImageTokens({ vision_config: vision }, llava)).toBe(576);
    expect(llavaImageTokens({ vision_config: vision }, { ...llava, vision_feature_select_strategy: 'full' })).toBe(577);
  });

  it('not known: an error that says what is needed', () => {
    expect(() => llavaImageTokens({}, {})).toThrow(/image_seq_length/);
    expect(() => llavaImageTokens({ image_seq_length: 1e12 }, {})).toThrow(/whole number from 1 to 65536/);
  });
});

it('the context is what the text model states, else the tokenizer, else that of Llama', () => {
  expect(contextTokensOf({ text_config: { max_position_embeddings: 512 } }, { model_max_length: 99 })).toBe(512);
  expect(contextTokensOf({ max_position_embeddings: 256 }, {})).toBe(256);
  expect(contextTokensOf({}, { model_max_length: 4096 })).toBe(4096);
  expect(contextTokensOf({}, { model_max_length: 1e30 })).toBe(2048);
});
