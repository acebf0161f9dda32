import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { EngineRequest } from '../../local-model/engine/index.js';
import { countedModel } from './counted-model.js';
import { messagesOf, modelFolder, referenceCases } from './fixture.js';

const weights = fileURLToPath(new URL('../../local-model/weights', import.meta.url));
const listing = 'red circle, blue circle, red circle, blue circle, red circle, blue circle, red circle';

it.each([
  { name: 'the fixture', folder: modelFolder },
  { name: 'the bundled weights', folder: weights },
])('$name: guessed tokens change nothing but the number of runs', async ({ folder }) => {
  const guessing = await countedModel(folder, { promptMemoryBytes: 0 });
  const plain = await countedModel(folder, { promptMemoryBytes: 0, promptLookup: false });
  const requests: EngineRequest[] = [
    ...referenceCases.map((reference) => ({ messages: messagesOf(reference), maxOutputTokens: 120 })),
    { messages: [{ role: 'user', content: [{ type: 'text', text: listing }] }], maxOutputTokens: 120 },
    {
      messages: [{ role: 'user', content: [{ type: 'text', text: listing }] }],
      maxOutputTokens: 90,
      constraint: {
        type: 'json-schema',
        schema: { type: 'array', items: { enum: ['red circle', 'blue circle'] }, minItems: 9 },
      },
    },
    {
      messages: [{ role: 'user', content: [{ type: 'text', text: listing }] }],
      maxOutputTokens: 60,
      repetitionPenalty: 1.05,
    },
  ];
  let [fewer, all] = [0, 0];
  for (const request of requests) {
    const [fast, slow] = [await guessing.ask(request), await plain.ask(request)];
    expect(fast.text).toBe(slow.text);
    expect(fast.finish).toEqual(slow.finish);
    fewer += fast.runs;
    all += slow.runs;
  }
  expect(fewer).toBeLessThan(all);
});

it('sampled answers are not guessed at', async () => {
  const guessing = await countedModel(modelFolder, { promptMemoryBytes: 0 });
  const plain = await countedModel(modelFolder, { promptMemoryBytes: 0, promptLookup: false });
  const request: EngineRequest = { ...messagesAndSeed(), maxOutputTokens: 60, temperature: 0.5 };
  const [first, second] = [await guessing.ask(request), await plain.ask(request)];
  expect(first.text).toBe(second.text);
  expect(first.runs).toBe(second.runs);
});

function messagesAndSeed(): Pick<EngineRequest, 'messages' | 'seed'> {
  return { messages: [{ role: 'user', content: [{ type: 'text', text: listing }] }], seed: 4 };
}
