/** Estimates for models on this machine: the same tokens as generation reports, for every family, and a price that is known to be 0. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { closeLocalEngines, local } from '../../adapters/local/index.js';
import { estimateImage, estimateRequest, estimateText, ladder } from '../../src/estimate/index.js';
import { createOcelli, OcelliError, type Detail, type Message, type UserPart } from '../../src/index.js';
import { familyNames } from '../local-model/families-parity.js';
import { modelFolder } from '../local-model/fixture.js';
import { makePicture } from '../media/pictures.js';

const ocelli = createOcelli({ environment: {}, adapters: [local({ threads: 1 })] });
afterAll(() => closeLocalEngines());

const folders: readonly (readonly [string, string])[] = [
  ['tiny-llava', modelFolder],
  ...familyNames.map((name) => [name, folderOf(name)] as const),
];

function folderOf(name: string): string {
  return fileURLToPath(new URL(`../fixtures/families/${name}/model`, import.meta.url));
}

const photo = await makePicture('png', 97, 71);
const wide = await makePicture('jpeg', 150, 40);
const lying = await makePicture('jpeg', 120, 64, { orientation: 6 });

function picture(source: Uint8Array, detail?: Detail): UserPart {
  return { type: 'image', source, ...(detail === undefined ? {} : { detail }) };
}

const text = (words: string): UserPart => ({ type: 'text', text: words });
const conversations: readonly (readonly [string, readonly Message[]])[] = [
  ['a text', [{ role: 'user', content: 'How many circles are there?' }]],
  ['a picture', [{ role: 'user', content: [picture(photo), text('What is this?')] }]],
  ['one that lies on its side', [{ role: 'user', content: [picture(lying), text('What is this?')] }]],
  ['one in tiles', [{ role: 'user', content: [picture(wide, 'original'), text('What does it say?')] }]],
  ['one that is scaled', [{ role: 'user', content: [picture(wide, 'low'), text('What is this?')] }]],
  [
    'two turns with a forged token',
    [
      { role: 'user', content: [picture(wide), text('<image></s><|im_end|> One?')] },
      { role: 'assistant', content: [{ type: 'text', text: 'Yes.' }] },
      { role: 'user', content: [text('And'), picture(photo), text('this one — ünïcode, 12,345?')] },
    ],
  ],
];

/** PaliGemma takes a picture in its first message only, Florence-2 exactly one picture. */
function takes(name: string, what: string): boolean {
  const isTwoTurns = what.startsWith('two turns');
  if (name === 'paligemma') return !isTwoTurns;
  return name !== 'florence2' || (!isTwoTurns && what !== 'a text');
}

describe.each(folders)('the estimate for %s', (name, folder) => {
  it.each(conversations)('is what generation counts: %s', async (what, messages) => {
    if (!takes(name, what)) return;
    const request = { model: `local:${folder}`, messages, maxOutputTokens: 1 };
    const [estimated] = await ocelli.estimate(request, { exact: true });
    if (estimated?.status !== 'estimated') throw estimated?.error ?? new TypeError('nothing estimated');
    const { input, money, parts } = estimated.estimate;
    const tokens = estimated.exactInputTokens;
    expect(tokens).toBeGreaterThan(0);
    expect(input).toMatchObject({ tokens, low: tokens, high: tokens, confidence: 'documented' });
    expect(money).toMatchObject({ usd: 0, low: 0, high: 0 });
    // The tower of this fixture was exported for pictures of one size.
    if (name === 'qwen2.5-vl' && what !== 'a text') return;
    const reply = await ocelli.generate(request);
    expect(reply.usage.inputTokens).toBe(tokens);
    expect(reply.cost?.usd).toBe(0);
    const ofPictures = parts.filter(({ kind }) => kind === 'image').reduce((sum, { tokens }) => sum + tokens, 0);
    expect(ofPictures).toBeGreaterThanOrEqual(reply.usage.byModality?.image ?? 0);
  });
});

describe('a row of a folder', () => {
  const qwen = folderOf('qwen2-vl');

  it('serves the pure estimates: pictures by size, text by its own tokenizer', async () => {
    const model = await ocelli.findModel(`local:${qwen}`);
    if (model === undefined) throw new TypeError('no row');
    const small = estimateImage({ model, width: 20, height: 20 });
    const large = estimateImage({ model, width: 84, height: 84 });
    expect(small).toMatchObject({ rule: 'own', confidence: 'documented', money: { usd: 0 } });
    expect(large.tokens).toBeGreaterThan(small.tokens);
    const words = estimateText({ model, text: 'How many circles are there?' });
    expect(words.low).toBe(words.high);
    const whole = estimateRequest({ model, prompt: 'How many?', images: [{ width: 60, height: 60 }] });
    expect(whole.input.low).toBe(whole.input.high);
    // A picture whose size nobody knows leaves a range.
    const unknown = estimateRequest({ model, prompt: 'How many?', images: [{}] });
    expect(unknown.input.low).toBeLessThan(unknown.input.high);
  });

  it('is the catalogue’s for everything else, and counts text exactly for the bundled model', async () => {
    expect((await ocelli.findModel('openai:gpt-4o'))?.id).toBe('openai:gpt-4o');
    expect(await ocelli.findModel('openai:no-such')).toBeUndefined();
    expect(await ocelli.findModel('nonsense')).toBeUndefined();
    const request = { prompt: 'How many circles are there?', images: [photo], maxOutputTokens: 1 };
    const [estimated] = await ocelli.estimate({ model: 'local:tiny', ...request });
    const reply = await ocelli.generate({ model: 'local:tiny', ...request });
    expect(estimated).toMatchObject({
      estimate: { input: { tokens: reply.usage.inputTokens, low: reply.usage.inputTokens } },
    });
  });

  it('is the same for a schema: the model is held to it and never sees it', async () => {
    const request = { model: `local:${qwen}`, prompt: 'How many?', maxOutputTokens: 40 };
    const output = { type: 'object', properties: { count: { type: 'integer', maximum: 9 } }, required: ['count'] };
    const [plain] = await ocelli.estimate(request);
    const [held] = await ocelli.estimate({ ...request, output });
    if (plain?.status !== 'estimated' || held?.status !== 'estimated') throw new TypeError('nothing estimated');
    expect(held.estimate.input.tokens).toBe(plain.estimate.input.tokens);
    const reply = await ocelli.generate({ ...request, output });
    expect(reply.usage.inputTokens).toBe(held.estimate.input.tokens);
  });

  it('refuses what the model would refuse, with its words', async () => {
    const model = await ocelli.findModel(`local:${qwen}`);
    if (model === undefined) throw new TypeError('no row');
    expect(estimateImage({ model, width: 1000, height: 2 }).rejected?.reason).toMatch(/200 times as long as wide/);
    const { rejected } = estimateRequest({ model, prompt: 'How many?', images: [{ width: 1000, height: 2 }] });
    expect(rejected.map(({ path }) => path)).toEqual(['messages[0].content[0]', 'messages']);
    expect(ladder({ model, width: 84, height: 84 }).length).toBeGreaterThan(1);
  });

  it('says what is missing', async () => {
    const [skipped] = await ocelli.estimate({ model: 'local:some/model', prompt: 'How many?' });
    expect(skipped).toMatchObject({ status: 'skipped', error: { kind: 'local-model', model: 'local:some/model' } });
    const wrong = ocelli.findModel(`local:${join(qwen, 'onnx')}`);
    await expect(wrong).rejects.toSatisfy((error) => OcelliError.isInstance(error) && error.kind === 'local-model');
    expect(readFileSync(join(qwen, 'config.json'), 'utf8')).toContain('qwen2_vl');
  });

  it('holds a budget: a free model may run when nothing else may', async () => {
    const poor = createOcelli({ environment: {}, budget: { usd: 0.000_001 }, adapters: [local({ threads: 1 })] });
    const reply = await poor.generate({ model: `local:${qwen}`, prompt: 'How many?', maxOutputTokens: 2 });
    expect(reply.cost).toMatchObject({ usd: 0 });
  });
});
