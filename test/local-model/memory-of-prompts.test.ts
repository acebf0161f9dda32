import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { KvCache } from '../../local-model/engine/kv-cache.js';
import { PictureMemory } from '../../local-model/engine/picture-memory.js';
import { promptKey, sharedPart } from '../../local-model/engine/prompt-key.js';
import { PromptMemory } from '../../local-model/engine/prompt-memory.js';
import type { EngineRequest } from '../../local-model/engine/index.js';
import { countedModel } from './counted-model.js';
import { modelFolder, picture } from './fixture.js';

const weights = fileURLToPath(new URL('../../local-model/weights', import.meta.url));

function question(text: string, name = 'photo.png', before: EngineRequest['messages'] = []): EngineRequest {
  const content = [{ type: 'image', bytes: picture(name) } as const, { type: 'text', text } as const];
  return { messages: [...before, { role: 'user', content }], maxOutputTokens: 6 };
}

describe.each([
  { name: 'the fixture', folder: modelFolder, kvCache: 'append-only' },
  { name: 'the fixture, fed back', folder: modelFolder, kvCache: 'feed-back' },
  { name: 'the bundled weights', folder: weights, kvCache: 'append-only' },
] as const)('$name', ({ folder, kvCache }) => {
  it('answers a second question about a picture without encoding it, and without reading it again', async () => {
    const { ask, model } = await countedModel(folder, { kvCache });
    const alone = await countedModel(folder, { kvCache, promptMemoryBytes: 0, pictureMemoryBytes: 0 });
    const first = await ask(question('How many circles are there?'));
    const second = await ask(question('Is there a triangle?'));
    const fresh = await alone.ask(question('Is there a triangle?'));
    expect(second.text).toBe(fresh.text);
    // The vision tower's call is saved, and where a picture is more than one run's worth of tokens, those that would read it.
    const readAlone = Math.floor((model.summary.tokensPerImage ?? 0) / 128);
    expect(second.runs).toBe(fresh.runs - 1 - readAlone);
    expect(first.finish.cachedTokens).toBeUndefined();
    expect(second.finish.cachedTokens).toBeGreaterThanOrEqual(model.summary.tokensPerImage ?? 1);
    expect(second.finish).toMatchObject({
      inputTokens: fresh.finish.inputTokens,
      imageTokens: fresh.finish.imageTokens,
    });
  });

  it('another picture is another prompt, from its first token on', async () => {
    const { ask, model } = await countedModel(folder, { kvCache });
    const alone = await countedModel(folder, { kvCache, promptMemoryBytes: 0, pictureMemoryBytes: 0 });
    await ask(question('Is there a triangle?', 'photo.png'));
    const other = await ask(question('Is there a triangle?', 'board.png'));
    const fresh = await alone.ask(question('Is there a triangle?', 'board.png'));
    expect(other.text).toBe(fresh.text);
    expect(other.runs).toBe(fresh.runs);
    expect(other.finish.cachedTokens ?? 0).toBeLessThan(model.summary.tokensPerImage ?? 0);
  });

  it('a conversation that goes on reads only what is new', async () => {
    const { ask } = await countedModel(folder, { kvCache });
    const first = question('How many circles are there?');
    const { text } = await ask(first);
    const next: EngineRequest = {
      messages: [
        ...first.messages,
        { role: 'assistant', content: [{ type: 'text', text }] },
        { role: 'user', content: [{ type: 'text', text: 'Are you sure?' }] },
      ],
      maxOutputTokens: 6,
    };
    const alone = await countedModel(folder, { kvCache, promptMemoryBytes: 0, pictureMemoryBytes: 0 });
    const fresh = await alone.ask(next);
    const answer = await ask(next);
    expect(answer.text).toBe(fresh.text);
    expect(answer.finish.cachedTokens).toBeGreaterThan(20);
  });

  it('an answer that was given up leaves nothing wrong behind', async () => {
    const { ask, model } = await countedModel(folder, { kvCache });
    for await (const event of model.generate(
      { ...question('Is there a triangle?'), maxOutputTokens: 40 },
      { check: () => undefined },
    )) {
      if (event.type === 'text') break;
    }
    const alone = await countedModel(folder, { kvCache, promptMemoryBytes: 0 });
    const expected = await alone.ask({ ...question('Is there a triangle?'), maxOutputTokens: 30 });
    const answer = await ask({ ...question('Is there a triangle?'), maxOutputTokens: 30 });
    expect(answer.text).toBe(expected.text);
    expect(answer.finish.cachedTokens).toBe(answer.finish.inputTokens - 1);
  });
});

describe('the key of a prompt', () => {
  const image = 9;
  const key = (ids: readonly number[], hashes: readonly string[], counts: readonly number[]) =>
    promptKey(ids, image, hashes, counts);

  it('has the pictures in it, in order', () => {
    expect(key([1, 9, 9, 2, 9, 3], ['a', 'b'], [2, 1])).toEqual([1, 'a', 'a', 2, 'b', 3]);
  });

  it('shares what is the same, never a part of a picture, and never all', () => {
    const counts = [3, 3];
    const prompt = key([1, 9, 9, 9, 2, 9, 9, 9, 4], ['a', 'b'], counts);
    expect(sharedPart(prompt, prompt, counts)).toEqual({ tokens: 8, pictures: 2 });
    expect(sharedPart(prompt, key([1, 9, 9, 9, 2, 9, 9, 9, 4], ['a', 'c'], counts), counts)).toEqual({
      tokens: 5,
      pictures: 1,
    });
    expect(sharedPart(prompt, prompt.slice(0, 7), counts)).toEqual({ tokens: 5, pictures: 1 });
    expect(sharedPart(prompt, prompt.slice(0, 2), counts)).toEqual({ tokens: 1, pictures: 0 });
    // Rows of a picture with marks between them, as tile families have them.
    const tiles = key([1, 9, 5, 9, 5, 9, 7], ['a'], [3]);
    expect(sharedPart(tiles, tiles.slice(0, 5), [3])).toEqual({ tokens: 1, pictures: 0 });
  });
});

describe('memory is bounded', () => {
  class FakeCache implements Pick<KvCache, 'bytes' | 'fork' | 'truncate'> {
    constructor(
      public length: number,
      readonly bytes = 100,
    ) {}
    truncate(length: number): void {
      this.length = length;
    }
    fork(length = this.length): KvCache {
      return new FakeCache(length) as unknown as KvCache;
    }
  }
  const put = (memory: PromptMemory, first: number, count: number): FakeCache => {
    const cache = new FakeCache(count);
    memory.put(ids(first, count), cache as unknown as KvCache);
    return cache;
  };
  const ids = (first: number, count: number): number[] =>
    Array.from({ length: count }, (_, index) => first * 1000 + index);

  it('the prompt used longest ago is forgotten first', () => {
    const memory = new PromptMemory(250);
    put(memory, 1, 20);
    put(memory, 2, 20);
    put(memory, 3, 20);
    expect(memory.bytes).toBe(200);
    expect(memory.take(ids(1, 30), [])).toBeUndefined();
    expect(memory.take(ids(2, 30), [])?.tokens).toBe(20);
    expect(new PromptMemory(0).take(ids(1, 30), [])).toBeUndefined();
  });

  it('a long prompt of which only the beginning is shared is copied, a short one is cut', () => {
    const memory = new PromptMemory(10_000);
    const long = put(memory, 1, 200);
    const taken = memory.take([...ids(1, 40), 7], []);
    expect(taken?.tokens).toBe(40);
    expect(taken?.cache).not.toBe(long);
    expect(long.length).toBe(200);
    const again = memory.take([...ids(1, 190), 7], []);
    expect(again?.cache).toBe(long);
    expect(long.length).toBe(190);
    expect(memory.bytes).toBe(0);
  });

  it('so are pictures, by their rows', () => {
    const memory = new PictureMemory(100);
    for (const name of ['a', 'b', 'c']) {
      memory.put(name, new Float32Array(10));
      memory.get('a');
    }
    expect([memory.get('a')?.length, memory.get('b'), memory.get('c')?.length, memory.bytes]).toEqual([
      10,
      undefined,
      10,
      80,
    ]);
    memory.put('large', new Float32Array(100));
    expect(memory.bytes).toBe(0);
  });
});
