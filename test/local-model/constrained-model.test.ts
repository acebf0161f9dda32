import { Validator } from '@cfworker/json-schema';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { closeLocalEngines } from '../../adapters/local/index.js';
import { createOcelli } from '../../src/index.js';
import { countedModel } from './counted-model.js';
import { modelFolder, pictureRequest } from './fixture.js';

const weights = fileURLToPath(new URL('../../local-model/weights', import.meta.url));
const schema = {
  type: 'object',
  properties: {
    number_of_circles_in_the_picture: { type: 'integer', minimum: 0, maximum: 99 },
    colours_that_can_be_seen: { type: 'array', items: { enum: ['red', 'green', 'blue'] }, maxItems: 3 },
  },
  required: ['number_of_circles_in_the_picture', 'colours_that_can_be_seen'],
  additionalProperties: false,
};
const constraint = { type: 'json-schema', schema } as const;

it.each([
  { name: 'the fixture', folder: modelFolder },
  { name: 'the bundled weights', folder: weights },
])('$name writes valid JSON, and what is certain costs no run of its own', async ({ folder }) => {
  const { ask } = await countedModel(folder);
  const { text, finish, runs } = await ask(pictureRequest({ constraint, maxOutputTokens: 160 }));
  expect(new Validator(schema as object, '2020-12').validate(JSON.parse(text)).errors).toEqual([]);
  expect(finish.reason).toBe('stop');
  // Two native calls a run, embedding and decoder: fewer runs than tokens.
  expect(runs / 2).toBeLessThan(finish.outputTokens * 0.75);
});

it('ends with whole JSON though hardly any tokens are allowed', async () => {
  const { ask } = await countedModel(modelFolder);
  const { text, finish } = await ask(
    pictureRequest({ constraint: { type: 'json-schema', schema: { type: 'string' } }, maxOutputTokens: 6 }),
  );
  expect(typeof JSON.parse(text)).toBe('string');
  expect(finish).toMatchObject({ reason: 'stop' });
});

it('is cut where not even the shortest answer fits, and says so', async () => {
  const { ask } = await countedModel(modelFolder);
  const { text, finish } = await ask(pictureRequest({ constraint, maxOutputTokens: 5 }));
  expect(finish.reason).toBe('length');
  expect('{"number_of_circles_in_the_picture": ').toContain(text);
});

it('local:tiny gives an object of the schema through the library', async () => {
  const ocelli = createOcelli();
  const reply = await ocelli.generate({
    model: 'local:tiny',
    prompt: 'How many circles?',
    output: schema,
    maxOutputTokens: 120,
  });
  await closeLocalEngines();
  expect(new Validator(schema as object, '2020-12').validate(reply.object as object).errors).toEqual([]);
  expect(reply.warnings).toEqual([]);
});
