import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadEngine, type Engine, type EngineMessage } from '../../local-model/engine/index.js';
import { collect } from './fixture.js';
import { FamilyFixture, type FamilyCase } from './families-parity.js';

const picture = (name: string): Uint8Array =>
  readFileSync(fileURLToPath(new URL(`../fixtures/tiny-llava/pictures/${name}`, import.meta.url)));

function messagesOf(one: FamilyCase, tiles = false): readonly EngineMessage[] {
  return one.messages.map(({ role, content }) => ({
    role,
    content: content.map((part) =>
      part.type === 'text' ? part : { type: 'image', bytes: picture(part.picture), ...(tiles ? { tiles } : {}) },
    ),
  }));
}

/** Tokens up to the first step at which rounding could choose another one. */
function sureTokens(one: FamilyCase): number {
  const sure = one.margins.findIndex((margin) => margin < 1e-3);
  return Math.max(1, sure === -1 ? one.greedy.length : sure);
}

describe.each(['idefics3', 'smolvlm', 'paligemma', 'qwen2-vl'] as const)('the engine with %s', (name) => {
  const fixture = new FamilyFixture(name);
  const tiles = name === 'idefics3';
  let engine: Engine;
  beforeAll(async () => {
    engine = await loadEngine({ folder: fixture.folder.path, runInProcess: true, threads: 1 });
  });
  afterAll(() => engine.close());

  it('counts every prompt exactly, without and with running it', async () => {
    for (const one of fixture.cases) {
      const request = { messages: messagesOf(one, tiles), maxOutputTokens: 2 };
      const counted = await engine.countTokens(request);
      expect(counted.inputTokens, one.name).toBe(one.ids.length);
      const { finish } = await collect(engine.generate(request));
      expect(finish, one.name).toMatchObject(counted);
    }
  });

  it('answers the same when it remembers the picture or the beginning of the prompt', async () => {
    const alone = await loadEngine({ folder: fixture.folder.path, runInProcess: true, threads: 1 });
    for (const one of fixture.cases) {
      const request = { messages: messagesOf(one, tiles), maxOutputTokens: sureTokens(one) };
      const first = await collect(engine.generate(request));
      const again = await collect(engine.generate(request));
      expect(again.text, one.name).toBe(first.text);
      const fresh = await collect(alone.generate(request));
      expect(fresh.text, one.name).toBe(first.text);
    }
    await alone.close();
  });
});

it('tiles are cut only for a picture that asks for them', async () => {
  const fixture = new FamilyFixture('idefics3');
  const engine = await loadEngine({ folder: fixture.folder.path, runInProcess: true, threads: 1 });
  const one = fixture.cases[0];
  if (one === undefined) throw new Error('no cases');
  expect(engine.description.tokensPerImage).toBe(4);
  const coarse = await engine.countTokens({ messages: messagesOf(one), maxOutputTokens: 1 });
  const fine = await engine.countTokens({ messages: messagesOf(one, true), maxOutputTokens: 1 });
  expect(coarse.imageTokens).toBe(4);
  expect(fine.imageTokens).toBe(40);
  await engine.close();
});

it('a model whose pictures have as many tokens as their size asks for says so', async () => {
  const fixture = new FamilyFixture('qwen2-vl');
  const engine = await loadEngine({ folder: fixture.folder.path, runInProcess: true, threads: 1 });
  expect(engine.description.tokensPerImage).toBeUndefined();
  const ask = (name: string) =>
    engine.countTokens({
      messages: [{ role: 'user', content: [{ type: 'image', bytes: picture(name) }] }],
      maxOutputTokens: 1,
    });
  expect((await ask('photo.png')).imageTokens).toBe(35);
  expect((await ask('small.png')).imageTokens).toBe(6);
  await engine.close();
});
