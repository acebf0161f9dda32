import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { loadEngine } from '../../local-model/engine/index.js';
import { openModelFolder } from '../../local-model/engine/folder.js';
import {
  countPhysicalCores,
  loadOnnxRuntime,
  runtimeFailure,
  sharpFailure,
  type Ort,
} from '../../local-model/engine/runtime.js';
import { OcelliError } from '../../src/errors/index.js';
import { collect, copyOfModel, modelFolder, pictureRequest } from './fixture.js';
import { addTensor, editJson, externalTensor, field } from './onnx-damage.js';

async function loadError(folder: string, options: { memoryLimitBytes?: number } = {}): Promise<OcelliError> {
  try {
    const engine = await loadEngine({ folder, runInProcess: true, threads: 1, ...options });
    await engine.close();
  } catch (error) {
    if (OcelliError.isInstance(error)) {
      expect(error.kind).toBe('local-model');
      expect(error.message.length).toBeLessThan(600);
      return error;
    }
    throw error;
  }
  throw new Error('the broken folder was loaded');
}

describe('a broken model folder gives a clear error', () => {
  it.each(['config.json', 'tokenizer.json', 'tokenizer_config.json', 'preprocessor_config.json'])(
    'without %s',
    async (name) => {
      const folder = copyOfModel();
      rmSync(join(folder, name));
      expect((await loadError(folder)).message).toContain(name);
    },
  );

  it.each(['vision_encoder', 'embed_tokens', 'decoder_model_merged'])('without the weights of %s', async (name) => {
    const folder = copyOfModel();
    rmSync(join(folder, 'onnx', `${name}.onnx`));
    expect((await loadError(folder)).message).toContain(`onnx/${name}.onnx is missing`);
  });

  it('that does not exist, or is a file', async () => {
    expect((await loadError('/nowhere/at/all')).message).toMatch(/does not exist/);
    expect((await loadError(join(modelFolder, 'config.json'))).message).toMatch(/is a file/);
  });

  it('with JSON that is none, or no object', async () => {
    const folder = copyOfModel();
    writeFileSync(join(folder, 'config.json'), '{"model_type": "llava"');
    expect((await loadError(folder)).message).toMatch(/config\.json is not JSON/);
    writeFileSync(join(folder, 'config.json'), '[]');
    expect((await loadError(folder)).message).toMatch(/must hold a JSON object/);
  });

  it('of a family that is not known', async () => {
    const folder = copyOfModel();
    editJson(folder, 'config.json', (config) => (config['model_type'] = 'constructor'));
    expect((await loadError(folder)).message).toMatch(/"constructor", which this version does not run/);
  });

  it('without a chat template, or with one that cannot be read', async () => {
    const folder = copyOfModel();
    editJson(folder, 'tokenizer_config.json', (config) => delete config['chat_template']);
    expect((await loadError(folder)).message).toMatch(/no chat template/);
    writeFileSync(join(folder, 'chat_template.jinja'), '{% for message in messages %}');
    expect((await loadError(folder)).message).toMatch(/chat template cannot be read/);
  });

  it.each([
    ['cut in the middle', (path: string) => truncateSync(path, 100_000)],
    ['cut by one byte', (path: string) => truncateSync(path, readFileSync(path).length - 1)],
    ['empty', (path: string) => truncateSync(path, 0)],
    ['no ONNX at all', (path: string) => writeFileSync(path, 'version https://git-lfs.github.com/spec/v1')],
  ])('with weights that are %s', async (_, breakFile) => {
    const folder = copyOfModel();
    breakFile(join(folder, 'onnx', 'decoder_model_merged.onnx'));
    expect((await loadError(folder)).message).toContain('decoder_model_merged.onnx');
  });

  it('with the graphs in the wrong places', async () => {
    const folder = copyOfModel();
    cpSync(join(folder, 'onnx/vision_encoder.onnx'), join(folder, 'onnx/embed_tokens.onnx'));
    expect((await loadError(folder)).message).toMatch(/embed_tokens must turn "input_ids" into "inputs_embeds"/);
  });

  it('whose tower makes another number of tokens than promised', async () => {
    const folder = copyOfModel();
    editJson(folder, 'config.json', (config) => (config['image_seq_length'] = 15));
    const engine = await loadEngine({ folder, runInProcess: true, threads: 1 });
    await expect(collect(engine.generate(pictureRequest()))).rejects.toMatchObject({
      kind: 'local-model',
      message: 'The vision tower made 16 visual tokens where config.json promises 15.',
    });
    await engine.close();
  });

  it('whose tower wants another size of picture than is prepared', async () => {
    const folder = copyOfModel();
    editJson(folder, 'preprocessor_config.json', (config) => (config['crop_size'] = 32));
    const engine = await loadEngine({ folder, runInProcess: true, threads: 1 });
    await expect(collect(engine.generate(pictureRequest()))).rejects.toMatchObject({ kind: 'local-model' });
    await engine.close();
  });

  it.each([
    ['no model', { model: undefined }],
    ['a vocabulary that is a text', { model: { type: 'BPE', vocab: 'all', merges: [] } }],
    ['ids beyond all bounds', { model: { type: 'BPE', vocab: { a: 4_000_000_000 }, merges: [] } }],
    ['ids that are objects', { model: { type: 'BPE', vocab: { a: {} }, merges: [] } }],
    ['added tokens without text', { added_tokens: [{ id: 1 }] }],
    ['added tokens that are no list', { added_tokens: { length: 1e9 } }],
    ['a model type that does not exist', { model: { type: '__proto__', vocab: { a: 0 } } }],
    [
      'a broken regular expression',
      { pre_tokenizer: { type: 'Split', pattern: { Regex: '(((' }, behavior: 'Isolated' } },
    ],
  ])('with a hostile tokenizer.json: %s', async (_, change) => {
    const folder = copyOfModel();
    editJson(folder, 'tokenizer.json', (tokenizer) => Object.assign(tokenizer, change));
    expect((await loadError(folder)).message).toMatch(/tokenizer\.json/);
  });

  it('with an image token that the tokenizer does not have', async () => {
    const folder = copyOfModel();
    editJson(folder, 'config.json', (config) => (config['image_token_index'] = 99_999));
    expect((await loadError(folder)).message).toMatch(/image token 99999/);
  });

  it.each([
    ['image_size', { size: { height: 100_000, width: 100_000 } }],
    ['a list as size', { size: [1, 2] }],
    ['two means', { image_mean: [0.5, 0.5] }],
    ['an unknown filter', { resample: 17 }],
  ])('with a preprocessor_config.json of nonsense: %s', async (_, change) => {
    const folder = copyOfModel();
    editJson(folder, 'preprocessor_config.json', (config) => Object.assign(config, change));
    expect((await loadError(folder)).message).toMatch(/preprocessor_config\.json/);
  });
});

describe('nothing outside the folder is read', () => {
  it.each(['../../outside.bin', '/etc/passwd', '../config.json/../../../outside.bin'])(
    'external data at %s is refused',
    async (location) => {
      const folder = copyOfModel();
      externalTensor(folder, location);
      expect((await loadError(folder)).message).toMatch(/outside the model folder/);
    },
  );

  it('a link out of the folder is refused, for JSON, weights and external data', async () => {
    const folder = copyOfModel();
    const elsewhere = copyOfModel();
    externalTensor(folder, 'data.bin');
    symlinkSync(join(elsewhere, 'config.json'), join(folder, 'onnx/data.bin'));
    expect((await loadError(folder)).message).toMatch(/leads out of the model folder/);

    const second = copyOfModel();
    rmSync(join(second, 'config.json'));
    symlinkSync(join(elsewhere, 'config.json'), join(second, 'config.json'));
    expect((await loadError(second)).message).toMatch(/leads out of the model folder/);

    const third = copyOfModel();
    rmSync(join(third, 'onnx'), { recursive: true });
    symlinkSync(join(elsewhere, 'onnx'), join(third, 'onnx'));
    expect((await loadError(third)).message).toMatch(/leads out of the model folder/);
  });

  it('a link inside the folder is fine, and so is a folder reached by a link', () => {
    const folder = copyOfModel();
    mkdirSync(join(folder, 'blobs'));
    renameSync(join(folder, 'config.json'), join(folder, 'blobs/config'));
    symlinkSync('blobs/config', join(folder, 'config.json'));
    const link = join(tmpdir(), `ocelli-link-${process.pid}`);
    symlinkSync(folder, link);
    try {
      expect(openModelFolder(link).config['model_type']).toBe('llava');
    } finally {
      rmSync(link);
    }
  });
});

describe('claims that cannot be true are refused before anything is allocated', () => {
  it('a 3 GB tensor in a small file', async () => {
    const folder = copyOfModel();
    addTensor(folder, 'embed_tokens.onnx', field(1, 805_306_368), field(2, 1), field(9, Buffer.alloc(16)));
    expect((await loadError(folder)).message).toMatch(/claims a tensor of 3\.0 GB but holds 16 bytes/);
  });

  it('3 GB of external data that are not there', async () => {
    const folder = copyOfModel();
    writeFileSync(join(folder, 'onnx/data.bin'), Buffer.alloc(64));
    externalTensor(folder, 'data.bin', 3 * 1024 ** 3);
    expect((await loadError(folder)).message).toMatch(/claims weights up to 3\.0 GB in data\.bin, which has 64 bytes/);
  });

  it('more weights than memory', async () => {
    const folder = copyOfModel();
    // A sparse file: it takes no room on the disk.
    writeFileSync(join(folder, 'onnx/data.bin'), '');
    truncateSync(join(folder, 'onnx/data.bin'), 3 * 1024 ** 3);
    externalTensor(folder, 'data.bin', 3 * 1024 ** 3);
    expect((await loadError(folder, { memoryLimitBytes: 1024 ** 3 })).message).toMatch(
      /weights take 3\.0 GB, but only 1\.0 GB may be used/,
    );
  });

  it('a tokenizer.json of 3 GB', async () => {
    const folder = copyOfModel();
    truncateSync(join(folder, 'tokenizer.json'), 3 * 1024 ** 3);
    expect((await loadError(folder)).message).toMatch(/3\.0 GB; more than 96\.0 MB is not believable/);
  });
});

describe('which weights are taken', () => {
  const names = ['decoder_model_merged', 'vision_encoder', 'embed_tokens'] as const;
  function withDtypes(suffixes: readonly string[]): string {
    const folder = copyOfModel();
    for (const name of names) {
      for (const suffix of suffixes) {
        cpSync(join(folder, `onnx/${name}.onnx`), join(folder, `onnx/${name}${suffix}.onnx`));
      }
      rmSync(join(folder, `onnx/${name}.onnx`));
    }
    return folder;
  }

  it('the fastest good kind for each graph', () => {
    const { sessions } = openModelFolder(withDtypes(['_q4', '_int8', '_quantized', '_fp16']));
    expect(names.map((name) => sessions[name].dtype)).toEqual(['q4', 'int8', 'fp16']);
  });

  it('the kind that was asked for, or an error that names it', () => {
    const folder = withDtypes(['_q4', '_int8']);
    expect(openModelFolder(folder, { dtype: 'int8' }).sessions.decoder_model_merged.dtype).toBe('int8');
    expect(() => openModelFolder(folder, { dtype: 'fp16' })).toThrow(
      /onnx\/decoder_model_merged_fp16\.onnx|_fp16\.onnx is missing/,
    );
  });
});

describe('a missing runtime is explained with its cure', () => {
  const missing = (name: string) =>
    Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' });
  const linux = { platform: 'linux', architecture: 'x64', musl: false };

  it('onnxruntime-node', () => {
    expect(runtimeFailure(missing('onnxruntime-node'), linux)).toContain(
      '`ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node`',
    );
    expect(runtimeFailure(new Error('GLIBC_2.28 not found'), linux)).toMatch(
      /could not be loaded \(GLIBC_2\.28 not found\)/,
    );
    // The package is there, but not its binary for this machine: the name stands only among those who asked for it.
    const binding = Object.assign(
      new Error(
        "Cannot find module '../bin/napi-v6/linux/x64/onnxruntime_binding.node'\nRequire stack:\n- /app/node_modules/onnxruntime-node/dist/binding.js",
      ),
      { code: 'MODULE_NOT_FOUND' },
    );
    expect(runtimeFailure(binding, linux)).toMatch(/could not be loaded \(Cannot find module '\.\.\/bin/);
    expect(runtimeFailure(missing('onnxruntime-node'), { ...linux, platform: 'darwin' })).toMatch(
      /no build for macOS on Intel/,
    );
    expect(runtimeFailure(missing('onnxruntime-node'), { ...linux, musl: true })).toMatch(/no build for musl/);
  });

  it('the machine is asked about only then, because that takes long', async () => {
    const report = vi.spyOn(process.report, 'getReport');
    await loadOnnxRuntime({ importRuntime: () => Promise.resolve({} as Ort) });
    expect(report).not.toHaveBeenCalled();
    await expect(loadOnnxRuntime({ importRuntime: () => Promise.reject(missing('onnxruntime-node')) })).rejects.toThrow(
      /not installed|no build/,
    );
    expect(report.mock.calls.length).toBe(process.platform === 'linux' ? 1 : 0);
    report.mockRestore();
  });

  it('sharp', () => {
    expect(sharpFailure(missing('sharp'))).toContain('`npm install sharp`');
    // As a worker thread, which requires it, is told.
    const required = Object.assign(new Error("Cannot find module 'sharp'\nRequire stack:\n- /app/worker.cjs"), {
      code: 'MODULE_NOT_FOUND',
    });
    expect(sharpFailure(required)).toContain('`npm install sharp`');
    expect(sharpFailure(new Error('no libvips'))).toMatch(/could not be loaded \(no libvips\)/);
  });
});

it('counts cores, not their second threads', () => {
  const processor = (socket: number, core: number) =>
    `processor\t: 0\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`;
  const machine = [
    processor(0, 0),
    processor(0, 0),
    processor(0, 1),
    processor(0, 1),
    processor(1, 0),
    processor(1, 0),
  ];
  expect(countPhysicalCores(machine.join('\n'), 6)).toBe(3);
  expect(countPhysicalCores(machine.join('\n'), 2)).toBe(2);
  expect(countPhysicalCores('processor : 0\n', 4)).toBe(4);
});
