/** A tower trained for two sizes looks closer where finer detail is asked for, and an estimate knows it beforehand. */

import { describe, expect, it } from 'vitest';
import { familyOf } from '../../local-model/engine/families.js';

const preprocessorConfig = {
  do_resize: true,
  size: { height: 32, width: 32 },
  do_rescale: true,
  do_normalize: false,
};

function familyWith(vision: Record<string, number>) {
  const config = { model_type: 'llava', image_seq_length: 4, vision_config: { patch_size: 16, ...vision } };
  return familyOf({ config, preprocessorConfig, processorConfig: {} });
}

const bitmap = { width: 5, height: 3, data: new Uint8Array(45).fill(128) };

describe('a llava folder with fine_image_size', () => {
  const family = familyWith({ fine_image_size: 64 });

  it('takes the plain size without a wish', () => {
    const picture = family.preprocess(bitmap);
    expect(picture).toMatchObject({ width: 32, height: 32, tokens: 4 });
    expect(family.expand('<i>', picture)).toBe('<i>'.repeat(4));
    expect(family.tokensBySize({ width: 5, height: 3 })).toEqual({ visual: 4, markers: 0 });
  });

  it('takes the fine size for finer detail, with its own number of tokens', () => {
    const picture = family.preprocess(bitmap, { tiles: true });
    expect(picture).toMatchObject({ width: 64, height: 64, tokens: 16 });
    expect(picture.inputs['pixel_values']?.dims).toEqual([1, 3, 64, 64]);
    expect(family.expand('<i>', picture)).toBe('<i>'.repeat(16));
    expect(family.tokensBySize({ width: 5, height: 3 }, { tiles: true })).toEqual({ visual: 16, markers: 0 });
  });
});

describe('a llava folder that states the tokens of its fine size', () => {
  it('takes them in place of the patches', () => {
    const family = familyWith({ fine_image_size: 64, fine_image_seq_length: 9 });
    expect(family.preprocess(bitmap, { tiles: true })).toMatchObject({ width: 64, tokens: 9 });
    expect(family.tokensBySize({ width: 5, height: 3 }, { tiles: true })).toEqual({ visual: 9, markers: 0 });
    expect(family.tokensBySize({ width: 5, height: 3 })).toEqual({ visual: 4, markers: 0 });
  });
});

describe('a llava folder with one size', () => {
  it('has no finer detail to give', () => {
    const family = familyWith({});
    expect(family.preprocess(bitmap, { tiles: true })).toMatchObject({ width: 32, tokens: 4 });
    expect(family.tokensBySize({ width: 5, height: 3 }, { tiles: true })).toEqual({ visual: 4, markers: 0 });
  });
});
