/** Broken folders of models with other graphs than three: an encoder of its own, and dual encoders. */

import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadDualEncoder, loadEngine, loadImageCounter } from '../../local-model/engine/index.js';
import { OcelliError } from '../../src/errors/index.js';
import { dualFolder } from './embedding-fixture.js';
import { collect, picture, pictureRequest } from './fixture.js';
import { addTensor, editJson, externalTensor, externalTensorInBranch, field } from './onnx-damage.js';

interface Kind {
  readonly name: string;
  readonly folder: string;
  readonly graphs: readonly string[];
  /** Loads it and asks it something. */
  ask(folder: string, memoryLimitBytes?: number): Promise<void>;
}

const florence: Kind = {
  name: 'florence2',
  folder: fileURLToPath(new URL('../fixtures/families/florence2/model', import.meta.url)),
  graphs: ['vision_encoder', 'embed_tokens', 'encoder_model', 'decoder_model_merged'],
  async ask(folder, memoryLimitBytes) {
    const limit = memoryLimitBytes === undefined ? {} : { memoryLimitBytes };
    const engine = await loadEngine({ folder, runInProcess: true, threads: 1, ...limit });
    try {
      const content = [{ type: 'image', bytes: picture('photo.png') }] as const;
      await collect(engine.generate(pictureRequest({ messages: [{ role: 'user', content }], maxOutputTokens: 3 })));
    } finally {
      await engine.close();
    }
  },
};

function dual(kind: 'clip' | 'siglip' | 'siglip2', graphs: readonly string[]): Kind {
  return {
    name: kind,
    folder: dualFolder(kind),
    graphs,
    async ask(folder, memoryLimitBytes) {
      const limit = memoryLimitBytes === undefined ? {} : { memoryLimitBytes };
      const encoder = await loadDualEncoder({ folder, runInProcess: true, threads: 1, ...limit });
      try {
        await encoder.embed({ images: [picture('photo.png')], texts: ['a cat'] });
      } finally {
        await encoder.close();
      }
    },
  };
}

const kinds: readonly Kind[] = [
  florence,
  dual('clip', ['text_model', 'vision_model']),
  dual('siglip', ['model']),
  dual('siglip2', ['text_model', 'vision_model']),
];

function copyOf({ folder }: Kind): string {
  const copy = mkdtempSync(join(tmpdir(), 'ocelli-broken-'));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(folder, copy, { recursive: true });
  return copy;
}

async function errorOf(kind: Kind, folder: string, memoryLimitBytes?: number): Promise<OcelliError> {
  try {
    await kind.ask(folder, memoryLimitBytes);
  } catch (error) {
    if (!OcelliError.isInstance(error)) throw error;
    expect(error.kind).toBe('local-model');
    expect(error.message.length).toBeLessThan(600);
    return error;
  }
  throw new Error('the broken folder answered');
}

it.each(kinds)('$name answers when it is whole', async (kind) => {
  await kind.ask(copyOf(kind));
});

describe.each(kinds)('a broken folder of $name is a clear error:', (kind) => {
  it.each(['config.json', 'tokenizer.json', 'tokenizer_config.json', 'preprocessor_config.json'])(
    'no %s',
    async (name) => {
      const folder = copyOf(kind);
      rmSync(join(folder, name));
      expect((await errorOf(kind, folder)).message).toContain(name);
    },
  );

  it.each(kind.graphs)('no %s', async (graph) => {
    const folder = copyOf(kind);
    rmSync(join(folder, `onnx/${graph}.onnx`));
    expect((await errorOf(kind, folder)).message).toContain(graph);
  });

  it.each(kind.graphs)('%s cut off, anywhere', async (graph) => {
    const path = `onnx/${graph}.onnx`;
    const whole = statSync(join(kind.folder, path)).size;
    for (const size of [0, 1, Math.floor(whole / 3), Math.floor(whole / 2), whole - 1]) {
      const folder = copyOf(kind);
      truncateSync(join(folder, path), size);
      expect((await errorOf(kind, folder)).message, `${size} bytes`).toContain(graph);
    }
  });

  it.each(kind.graphs)('%s is no graph at all', async (graph) => {
    const folder = copyOf(kind);
    writeFileSync(join(folder, `onnx/${graph}.onnx`), '<html>Not found</html>');
    expect((await errorOf(kind, folder)).message).toContain(graph);
  });

  it.each(kind.graphs)('%s is a graph for something else', async (graph) => {
    const folder = copyOf(kind);
    const other = fileURLToPath(new URL('../fixtures/tiny-llava/model/onnx/', import.meta.url));
    const stranger = graph === 'embed_tokens' ? 'vision_encoder' : 'embed_tokens';
    cpSync(join(other, `${stranger}.onnx`), join(folder, `onnx/${graph}.onnx`));
    expect((await errorOf(kind, folder)).message).not.toBe('');
  });

  it.each(kind.graphs)('%s claims 3 GB', async (graph) => {
    const folder = copyOf(kind);
    addTensor(folder, `${graph}.onnx`, field(1, 805_306_368), field(2, 1), field(9, Buffer.alloc(16)));
    expect((await errorOf(kind, folder)).message).toMatch(/claims a tensor of 3\.0 GB but holds 16 bytes/);
  });

  it.each(kind.graphs)('%s claims 3 GB in a file beside it', async (graph) => {
    const folder = copyOf(kind);
    writeFileSync(join(folder, 'onnx/data.bin'), Buffer.alloc(64));
    externalTensor(folder, 'data.bin', 3 * 1024 ** 3, `${graph}.onnx`);
    expect((await errorOf(kind, folder)).message).toMatch(
      /claims weights up to 3\.0 GB in data\.bin, which has 64 bytes/,
    );
    truncateSync(join(folder, 'onnx/data.bin'), 3 * 1024 ** 3);
    expect((await errorOf(kind, folder, 1024 ** 3)).message).toMatch(/take 3\.0 GB, but only 1\.0 GB may be used/);
  });

  it.each(kind.graphs)('%s wants to read outside of the folder', async (graph) => {
    for (const location of ['../../outside.bin', '/etc/passwd', '../config.json/../../../outside.bin']) {
      const folder = copyOf(kind);
      externalTensor(folder, location, 4, `${graph}.onnx`);
      expect((await errorOf(kind, folder)).message).toMatch(/outside the model folder/);
      const hidden = copyOf(kind);
      externalTensorInBranch(hidden, `${graph}.onnx`, location);
      expect((await errorOf(kind, hidden)).message).toMatch(/outside the model folder/);
    }
    const folder = copyOf(kind);
    rmSync(join(folder, `onnx/${graph}.onnx`));
    symlinkSync(join(kind.folder, `onnx/${graph}.onnx`), join(folder, `onnx/${graph}.onnx`));
    expect((await errorOf(kind, folder)).message).toMatch(/leads out of the model folder/);
  });

  it.each([
    ['no model', { model: undefined }],
    ['ids beyond all bounds', { model: { type: 'BPE', vocab: { a: 4_000_000_000 }, merges: [] } }],
    ['added tokens that are no list', { added_tokens: { length: 1e9 } }],
    ['a model type that does not exist', { model: { type: '__proto__', vocab: { a: 0 } } }],
    [
      'a broken regular expression',
      { pre_tokenizer: { type: 'Split', pattern: { Regex: '(((' }, behavior: 'Isolated' } },
    ],
  ])('a hostile tokenizer.json: %s', async (_, change) => {
    const folder = copyOf(kind);
    editJson(folder, 'tokenizer.json', (tokenizer) => Object.assign(tokenizer, change));
    expect((await errorOf(kind, folder)).message).toMatch(/tokenizer\.json/);
  });

  it('a tokenizer.json of 3 GB', async () => {
    const folder = copyOf(kind);
    truncateSync(join(folder, 'tokenizer.json'), 3 * 1024 ** 3);
    expect((await errorOf(kind, folder)).message).toMatch(/3\.0 GB; more than 96\.0 MB is not believable/);
  });

  it.each([
    ['a picture as large as a city', { size: { height: 100_000, width: 100_000 }, do_center_crop: false }],
    ['two means', { image_mean: [0.5, 0.5] }],
    ['an unknown filter', { resample: 17 }],
    ['a size in words', { size: 'large' }],
  ])('a preprocessor_config.json of nonsense: %s', async (_, change) => {
    const folder = copyOf(kind);
    editJson(folder, 'preprocessor_config.json', (config) => Object.assign(config, change));
    expect((await errorOf(kind, folder)).message).toMatch(/preprocessor_config\.json/);
  });

  it('pictures of another size than the tower takes', async () => {
    const folder = copyOf(kind);
    const size = { height: 40, width: 40 };
    const change = { size, do_center_crop: false };
    editJson(folder, 'preprocessor_config.json', (config) => Object.assign(config, change));
    expect((await errorOf(kind, folder)).message).toMatch(/failed|tokens/);
  });
});

describe('a Florence-2 folder that contradicts itself is a clear error:', () => {
  it.each([
    [
      'more picture tokens than the tower makes',
      'preprocessor_config.json',
      { image_seq_length: 7 },
      /made 5 visual tokens/,
    ],
    [
      'more picture tokens than its context',
      'preprocessor_config.json',
      { image_seq_length: 60_000 },
      /reads at most|made 5/,
    ],
    [
      'a picture’s tokens that are none',
      'preprocessor_config.json',
      { image_seq_length: 1e12 },
      /"image_seq_length" must be/,
    ],
    ['a beginning that is no token', 'generation_config.json', { decoder_start_token_id: 1e6 }, /embed_tokens failed/],
    ['no word for the beginning', 'tokenizer_config.json', { bos_token: '<nothing>' }, /bos_token <nothing>/],
  ] as const)('%s', async (_, file, change, message) => {
    const folder = copyOf(florence);
    editJson(folder, file, (config) => Object.assign(config, change));
    try {
      await florence.ask(folder);
    } catch (error) {
      if (!OcelliError.isInstance(error)) throw error;
      expect(['local-model', 'context-length']).toContain(error.kind);
      expect(error.message).toMatch(message);
      return;
    }
    throw new Error('the broken folder answered');
  });

  it('a decoder without the branch that looks across', async () => {
    const folder = copyOf(florence);
    const other = fileURLToPath(
      new URL('../fixtures/tiny-llava/model/onnx/decoder_model_merged.onnx', import.meta.url),
    );
    cpSync(other, join(folder, 'onnx/decoder_model_merged.onnx'));
    expect((await errorOf(florence, folder)).message).toMatch(/hidden sizes|wants an input/);
  });

  it('and its tokens are still counted without weights', () => {
    const folder = copyOf(florence);
    rmSync(join(folder, 'onnx'), { recursive: true });
    expect(loadImageCounter(folder)({ width: 10, height: 10 }).visual).toBe(5);
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).toContain('florence2');
  });
});
