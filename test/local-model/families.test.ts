import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { familyOf, loadImageCounter } from '../../local-model/engine/families.js';
import { smartSize } from '../../local-model/engine/families/qwen-vl.js';
import { PromptBuilder } from '../../local-model/engine/prompt.js';
import { dualKinds, FamilyFixture, familyNames, untestedFamilies } from './families-parity.js';

describe.each(familyNames)('%s equals transformers', (name) => {
  const fixture = new FamilyFixture(name);
  beforeAll(() => fixture.open());
  afterAll(() => fixture.close());

  it.each(fixture.cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const result = await fixture.run(one);
    expect(result.ids).toEqual(result.expectedIds);
    expect(result.exactPixels).toBeGreaterThanOrEqual(0.99);
    expect(result.largestPixelDifference).toBeLessThanOrEqual(1.001);
    expect(result.logitDifference).toBeLessThan(1e-3);
    expect(result.greedy).toEqual(result.expectedGreedy);
  });

  it('has cases with pixels to compare', () => {
    expect(fixture.cases.filter((one) => !one.pixelsShape.includes(0)).length).toBeGreaterThanOrEqual(3);
  });
});

it('the docs name every family, tested or not, and say that tokenizers are cut down', () => {
  const page = readFileSync('docs/local.md', 'utf8');
  const table = page.slice(page.indexOf('<!-- parity -->'), page.indexOf('<!-- /parity -->')).replaceAll('\\_', '_');
  for (const name of [...familyNames, ...untestedFamilies(), ...dualKinds]) expect(table).toContain(`| ${name} `);
  expect(table.match(/cut-down/g)?.length).toBe(familyNames.length + dualKinds.length);
});

describe('tokens by size alone', () => {
  const side = fc.integer({ min: 1, max: 300 });

  it.each(familyNames)('are those that the tower is given: %s', (name) => {
    const { family, folder } = new FamilyFixture(name);
    const tokensOf = loadImageCounter(folder.path);
    fc.assert(
      fc.property(side, side, fc.boolean(), (width, height, tiles) => {
        fc.pre(Math.max(width, height) / Math.min(width, height) <= 200);
        const bitmap = { width, height, data: new Uint8Array(width * height * 3) };
        expect(tokensOf({ width, height }, { tiles }).visual).toBe(family.preprocess(bitmap, { tiles }).tokens);
      }),
      { numRuns: 40 },
    );
  });

  it.each(['idefics3', 'smolvlm', 'qwen2-vl'] as const)('with what stands around them: %s', async (name) => {
    const fixture = new FamilyFixture(name);
    const prompts = await PromptBuilder.load(fixture.folder, (token, picture) => fixture.family.expand(token, picture));
    const [token, around] = name === 'qwen2-vl' ? ['<|image_pad|>', 2] : ['<image>', 0];
    for (const [width, height] of [
      [97, 71],
      [71, 97],
      [23, 17],
      [160, 160],
      [300, 20],
    ] as const) {
      const options = { tiles: fixture.folder.preprocessorConfig['do_image_splitting'] === true };
      const picture = fixture.family.preprocess({ width, height, data: new Uint8Array(width * height * 3) }, options);
      const text = fixture.family.expand(token, picture);
      const { ids } = prompts.tokenizer.encode(text, { add_special_tokens: false });
      const { visual, markers } = fixture.family.tokensBySize({ width, height }, options);
      expect(Math.abs(visual + markers - ids.length - around)).toBeLessThanOrEqual(1);
    }
  });

  it('of SmolVLM-256M are those of its card: 64 for a picture, 17 times as many in tiles of a square one', () => {
    const family = familyOf({
      config: { model_type: 'idefics3', scale_factor: 4, vision_config: { image_size: 512, patch_size: 16 } },
      preprocessorConfig: {
        size: { longest_edge: 2048 },
        max_image_size: { longest_edge: 512 },
        image_mean: [0.5, 0.5, 0.5],
        image_std: [0.5, 0.5, 0.5],
      },
      processorConfig: {},
    });
    expect(family.tokensBySize({ width: 800, height: 800 })).toEqual({ visual: 64, markers: 3 });
    // reference/local-engine.md, section 6: 4 x 4 tiles, 1,128 tokens, give or take one.
    expect(family.tokensBySize({ width: 800, height: 800 }, { tiles: true })).toEqual({ visual: 1088, markers: 40 });
    expect(family.tokensBySize({ width: 1600, height: 1200 }, { tiles: true })).toEqual({ visual: 832, markers: 31 });
  });
});

describe('a configuration of nonsense is refused', () => {
  const colours = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };
  const vision_config = { image_size: 512, patch_size: 16 };
  it.each([
    [
      'tiles of one pixel',
      'idefics3',
      { max_image_size: { longest_edge: 1 }, size: { longest_edge: 4096 } },
      /more than 16/,
    ],
    ['a tile as large as a city', 'smolvlm', { max_image_size: { longest_edge: 1e6 } }, /from 1 to 4096/],
    ['no patch', 'qwen2_vl', { patch_size: 0 }, /"patch_size" must be/],
    ['no colours', 'qwen2_vl', { image_mean: undefined }, /"image_mean" must be/],
    ['a size in words', 'paligemma', { size: 'large' }, /"size" must be/],
  ])('%s', (_, model_type, change, message) => {
    const preprocessorConfig = { size: { height: 48, width: 48 }, ...colours, ...change };
    const config = { model_type, scale_factor: 4, vision_config };
    expect(() => familyOf({ config, preprocessorConfig, processorConfig: {} })).toThrow(message);
  });

  it('and pictures stay below a million pixels, whatever the configuration asks for', () => {
    const family = familyOf({
      config: { model_type: 'qwen2_vl' },
      preprocessorConfig: { ...colours, min_pixels: 1e9, max_pixels: 1e9 },
      processorConfig: {},
    });
    expect(family.tokensBySize({ width: 5000, height: 5000 }).visual).toBeLessThanOrEqual(1_003_520 / 784);
    expect(family.tokensBySize({ width: 50, height: 50 }).visual).toBeLessThanOrEqual(1_100_000 / 784);
  });

  it('a family that is not in the table is named, with those that are', () => {
    const moondream = { config: { model_type: 'moondream1' }, preprocessorConfig: {}, processorConfig: {} };
    expect(() => familyOf(moondream)).toThrow(
      /"moondream1", which this version does not run\. It runs: llava, idefics3/,
    );
  });
});

describe('the sizes that Qwen-VL resizes to', () => {
  const settings = { patch: 14, merge: 2, minPixels: 3136, maxPixels: 1_003_520 };
  // Computed with transformers' smart_resize (5.23).
  it.each([
    [448, 448, 448, 448],
    [1, 40, 28, 364],
    [3000, 2000, 1204, 812],
    [10, 10, 56, 56],
    [42, 70, 56, 56],
    [14, 2000, 28, 672],
  ])('%i × %i', (width, height, expectedWidth, expectedHeight) => {
    expect(smartSize({ width, height }, settings)).toEqual({ width: expectedWidth, height: expectedHeight });
  });

  it('refuse what is more than 200 times as long as wide', () => {
    expect(() => smartSize({ width: 1, height: 201 }, settings)).toThrow(/200 times as long as wide/);
  });
});
