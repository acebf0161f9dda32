/** Several models in one process, many requests at once: each gets its turns, nobody starves, and what does not fit is said before loading. */

import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { closeLocalEngines, local } from '../../adapters/local/index.js';
import { loadEngine } from '../../local-model/engine/index.js';
import { createOcelli, OcelliError } from '../../src/index.js';
import { dualFolder } from './embedding-fixture.js';
import { modelFolder, picture } from './fixture.js';

const qwen = fileURLToPath(new URL('../fixtures/families/qwen2-vl/model', import.meta.url));
const ocelli = createOcelli({ environment: {}, adapters: [local({ threads: 1 })] });
afterAll(() => closeLocalEngines());

describe('several models at once', () => {
  it('answer all that is asked, each its own, and none waits for the whole queue of another', async () => {
    const models = [`local:${modelFolder}`, `local:${qwen}`];
    const done: { model: number; number: number; text: string }[] = [];
    const ask = async (model: number, number: number): Promise<void> => {
      const { text } = await ocelli.generate({
        model: models[model] ?? '',
        prompt: `Question ${number}`,
        images: number % 2 === 0 ? [picture('photo.png')] : [],
        maxOutputTokens: 12,
        temperature: 0,
      });
      done.push({ model, number, text });
    };
    // All of the first model's are asked before any of the second's.
    const each = 12;
    const numbers = Array.from({ length: each }, (_, number) => number);
    await Promise.all(models.flatMap((_, model) => numbers.map((number) => ask(model, number))));

    // In which order those of one model come depends on which picture was read first; the engine's own test looks at its queue.
    for (const model of [0, 1]) {
      const answered = done.filter((entry) => entry.model === model).map(({ number }) => number);
      expect(answered.toSorted((first, second) => first - second)).toEqual(numbers);
    }
    // Behind one shared queue the second model's first answer would come thirteenth.
    expect(done.findIndex(({ model }) => model === 1)).toBeLessThan(each);
    // And the answers are those that each gives alone.
    for (const { model, number, text } of done.filter((entry) => entry.number < 3)) {
      const alone = await ocelli.generate({
        model: models[model] ?? '',
        prompt: `Question ${number}`,
        images: number % 2 === 0 ? [picture('photo.png')] : [],
        maxOutputTokens: 12,
        temperature: 0,
      });
      expect(alone.text).toBe(text);
    }
  });

  it('embed and answer side by side, and aborted ones make way', async () => {
    const abort = new AbortController();
    const jobs = Array.from({ length: 12 }, (_, number) => {
      const signal = number % 3 === 0 ? { signal: abort.signal } : {};
      return number % 2 === 0
        ? ocelli.generate({ model: `local:${modelFolder}`, prompt: 'How many?', maxOutputTokens: 40, ...signal })
        : ocelli.embed({ model: `local:${dualFolder('clip')}`, images: [picture('photo.png')], ...signal });
    });
    abort.abort();
    const settled = await Promise.allSettled(jobs);
    settled.forEach((result, number) => {
      if (number % 3 !== 0) expect(result.status, String(number)).toBe('fulfilled');
      else expect(result).toMatchObject({ status: 'rejected', reason: { kind: 'aborted' } });
    });
  });
});

describe('a model that does not fit', () => {
  it('says so before loading, with what it needs, what it may take, and the cure', async () => {
    const loading = loadEngine({ folder: modelFolder, memoryLimitBytes: 1000 });
    await expect(loading).rejects.toThrow(
      /^The model's weights take [\d.]+ kB, but only 1000 bytes may be used\. Choose a smaller dtype or free memory\.$/,
    );
  });

  it('is an error of its own model, after which a smaller one may answer', async () => {
    const limited = createOcelli({ environment: {}, adapters: [local({ threads: 1, memoryLimitBytes: 1000 })] });
    const request = { prompt: 'How many?', maxOutputTokens: 2 };
    const failed = await limited.generate({ model: `local:${qwen}`, ...request }).catch((error: unknown) => error);
    expect(OcelliError.isInstance(failed) && [failed.kind, failed.model]).toEqual(['local-model', `local:${qwen}`]);
    const encoder = limited.embed({ model: `local:${dualFolder('clip')}`, texts: ['a'] });
    await expect(encoder).rejects.toMatchObject({ kind: 'local-model', message: /may be used/ });
  });
});
