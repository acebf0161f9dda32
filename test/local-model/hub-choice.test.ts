import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelCacheFolder } from '../../local-model/engine/hub/cache.js';
import { chooseFiles } from '../../local-model/engine/hub/choose-files.js';

describe('which files are taken', () => {
  const listed = (...paths: string[]) => paths.map((path) => ({ path, bytes: 1, checksum: undefined }));
  const vlm = ['vision_encoder', 'embed_tokens', 'decoder_model_merged'];
  const all = listed(
    'config.json', 'tokenizer.json', 'model.safetensors', 'README.md', '.gitattributes', 'chat_template.jinja',
    ...vlm.flatMap((name) => ['', '_q4', '_q4f16', '_bnb4', '_int8', '_quantized'].map((suffix) => `onnx/${name}${suffix}.onnx`)),
    'onnx/decoder_model_merged_q4.onnx_data', 'onnx/decoder_model_merged.onnx_data', 'onnx/decoder_model_merged_q4.onnx_data_1',
  ); // prettier-ignore
  const chosen = (dtype?: Parameters<typeof chooseFiles>[2]) => chooseFiles('a/b', all, dtype).map((file) => file.path);

  it('the best kind for a CPU, its external data before it, and the JSON', () => {
    expect(chosen()).toEqual([
      'config.json', 'tokenizer.json', 'README.md', 'chat_template.jinja', 'onnx/vision_encoder_int8.onnx', 'onnx/embed_tokens.onnx',
      'onnx/decoder_model_merged_q4.onnx_data', 'onnx/decoder_model_merged_q4.onnx_data_1', 'onnx/decoder_model_merged_q4.onnx',
    ]); // prettier-ignore
  });

  it('the kind that was asked for', () => {
    const weights = chosen('fp32').filter((path) => path.startsWith('onnx/'));
    expect(weights).toEqual([
      'onnx/vision_encoder.onnx', 'onnx/embed_tokens.onnx', 'onnx/decoder_model_merged.onnx_data', 'onnx/decoder_model_merged.onnx',
    ]); // prettier-ignore
    expect(() => chosen('fp16')).toThrow(/no weights of the kind fp16\. It has: fp32, int8, q4, q4f16, q8/);
  });

  it('of dual encoders both towers rather than the joint graph', () => {
    const paths = ['model', 'text_model', 'vision_model'].flatMap((name) => [
      `onnx/${name}.onnx`,
      `onnx/${name}_int8.onnx`,
    ]);
    expect(chooseFiles('a/b', listed(...paths), undefined).map((file) => file.path)).toEqual([
      'onnx/text_model.onnx',
      'onnx/vision_model.onnx',
    ]);
    expect(chooseFiles('a/b', listed('onnx/model.onnx'), undefined).map((file) => file.path)).toEqual([
      'onnx/model.onnx',
    ]);
  });
});

it("the cache folder is the one named by OCELLI_CACHE, or the system's", () => {
  expect(modelCacheFolder({ OCELLI_CACHE: '/data' }, 'linux', '/home/ada')).toBe(join('/data', 'models'));
  expect(modelCacheFolder({}, 'linux', '/home/ada')).toBe('/home/ada/.cache/ocelli/models');
  expect(modelCacheFolder({ XDG_CACHE_HOME: '/fast' }, 'linux', '/home/ada')).toBe('/fast/ocelli/models');
  expect(modelCacheFolder({}, 'darwin', '/Users/ada')).toBe('/Users/ada/Library/Caches/ocelli/models');
  expect(modelCacheFolder({ LOCALAPPDATA: '/c' }, 'win32', '/u')).toBe('/c/ocelli/models');
});
