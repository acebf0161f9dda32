/** Graphs that their exporter had rewritten are spared the rewriting: every number that they give stays what it is. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type * as bundled from '../../local-model/engine/bundled.js';
import { bundledFolder, bundledModels, isBundled } from '../../local-model/engine/bundled.js';
import { patchDecoder } from '../../local-model/engine/decoder-patch.js';
import { needsExactProducts } from '../../local-model/engine/eight-bit.js';
import { finishedGraph } from '../../local-model/engine/finished-graph.js';
import { openModelFolder, openOtherFolder } from '../../local-model/engine/folder.js';
import { smallestModel } from '../../local-model/engine/graph-bytes.js';
import { loadFailure } from '../../local-model/engine/load-failure.js';
import { createGateMemory, NativeGate } from '../../local-model/engine/native-gate.js';
import { openSessions, sessionOptions } from '../../local-model/engine/sessions.js';

const asIfBundled = 'as-if-bundled';
vi.mock('../../local-model/engine/bundled.js', async (importActual) => {
  const actual = await importActual<typeof bundled>();
  return { ...actual, isBundled: (path: string) => path.endsWith(asIfBundled) || actual.isBundled(path) };
});

const scratch = mkdtempSync(join(tmpdir(), 'ocelli-finished-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const weights = bundledFolder('tiny') ?? '';
const folder = openModelFolder(weights);
const { vision_encoder: tower, decoder_model_merged: decoder } = folder.sessions;
/** Rows that are remembered, and new ones. */
const [past, fresh] = [3, 2];

function noise(dims: readonly number[]): ort.Tensor {
  let state = 7;
  const count = dims.reduce((product, each) => product * each, 1);
  const values = Float32Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647 - 0.5;
  });
  return new ort.Tensor('float32', values, dims);
}

function integers(values: readonly number[], dims: readonly number[]): ort.Tensor {
  return new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
}

function picture(side: number): Record<string, ort.Tensor> {
  return { pixel_values: noise([1, 3, side, side]) };
}

/** Two tokens after three, with the inputs that the engine adds to the graph. */
function tokens(session: ort.InferenceSession): Record<string, ort.Tensor> {
  const added = session.inputNames.filter((name) => name.startsWith('ocelli.'));
  return {
    inputs_embeds: noise([1, fresh, 192]),
    attention_mask: integers([1, 1, 1, 1, 1], [1, past + fresh]),
    position_ids: integers([3, 4], [1, fresh]),
    ...Object.fromEntries(
      session.inputNames
        .filter((name) => name.startsWith('past_key_values.'))
        .map((name) => [name, noise([1, 6, past, 32])]),
    ),
    ...Object.fromEntries(added.map((name) => [name, integers([name.endsWith('.end') ? past + fresh : past], [1])])),
    ...(added.includes('ocelli.logits.from') ? { 'ocelli.logits.from': integers([-fresh], [1]) } : {}),
  };
}

function bytesOf(outputs: ort.InferenceSession.OnnxValueMapType): Buffer[] {
  return Object.values(outputs).map((output) => {
    const { buffer, byteOffset, byteLength } = output.data as Float32Array;
    return Buffer.from(new Uint8Array(buffer, byteOffset, byteLength).slice());
  });
}

const patched = patchDecoder(decoder.path, 'decoder', {
  appendOnly: true,
  fastFourBit: false,
  lastLogits: true,
})?.bytes;

describe('finished graphs', () => {
  it.each([
    ['the tower, a coarse picture', 'vision_encoder', undefined, () => picture(192)],
    ['the tower, a fine picture', 'vision_encoder', undefined, () => picture(576)],
    ['the decoder as the engine changes it', 'decoder_model_merged', patched, tokens],
  ] as const)('compute the same with and without the steps: %s', async (_, name, bytes, feeds) => {
    const results: Buffer[][] = [];
    for (const isFinished of [false, true]) {
      const options = sessionOptions(name, 1, false, isFinished);
      const opening =
        bytes === undefined
          ? ort.InferenceSession.create(folder.sessions[name].path, options)
          : ort.InferenceSession.create(bytes, options);
      const session = await opening;
      results.push(bytesOf(await session.run(feeds(session))));
      await session.release();
    }
    const [before = [], after = []] = results;
    expect(before.length).toBe(name === 'vision_encoder' ? 1 : 25);
    expect(before.every((each) => each.some((byte) => byte !== 0))).toBe(true);
    expect(after.map((each, place) => each.equals(before[place] ?? Buffer.alloc(0)))).toEqual(before.map(() => true));
  });

  it('are not gone over by the steps that are left out, but by those that make them ready', () => {
    const script = `
      const ort = require('onnxruntime-node');
      const options = { ...JSON.parse(process.argv[1]), logSeverityLevel: 0 };
      ort.InferenceSession.create(process.argv[2], options).then(() => process.exit(0));`;
    const stepsOf = (isFinished: boolean): Set<string> => {
      const options = JSON.stringify(sessionOptions('vision_encoder', 1, false, isFinished));
      const { stdout, stderr } = spawnSync(process.execPath, ['-e', script, options, tower.path], { encoding: 'utf8' });
      const log = `${stdout}${stderr}`;
      return new Set([...log.matchAll(/GraphTransformer (\w+) modified/g)].map(([, step = '']) => step));
    };
    const [all, left] = [stepsOf(false), stepsOf(true)];
    const { disable_specified_optimizers: list } = finishedGraph.optimization;
    const leftOut = list.split(';');
    expect(sessionOptions('vision_encoder', 1, false, true).extra).toMatchObject(finishedGraph);
    expect(leftOut.filter((step) => !all.has(step))).toEqual([]);
    expect(leftOut.filter((step) => left.has(step))).toEqual([]);
    expect([...left]).toEqual(expect.arrayContaining(['ConstantFolding', 'ConvAddActivationFusion']));
  });

  it('are those whose folder names them', () => {
    expect([tower.isFinished, decoder.isFinished, folder.sessions.embed_tokens.isFinished]).toEqual([
      true,
      true,
      false,
    ]);
    cpSync(weights, join(scratch, 'other'), { recursive: true });
    const file = join(scratch, 'other/config.json');
    const { ocelli: _, ...config } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify(config));
    expect(openModelFolder(join(scratch, 'other')).sessions.vision_encoder.isFinished).toBe(false);
  });

  it('the smallest model is one', async () => {
    const session = await ort.InferenceSession.create(smallestModel());
    const { same } = await session.run({ given: new ort.Tensor('float32', [3], [1]) });
    expect(same?.data).toEqual(Float32Array.of(3));
    await session.release();
  });
});

describe('the graphs of the package itself', () => {
  it('are known by where they lie', () => {
    const copy = join(scratch, 'copy');
    cpSync(weights, copy, { recursive: true });
    expect([isBundled(realpathSync(weights)), isBundled(realpathSync(copy)), isBundled(scratch)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('never need the exact 8-bit products that they are not looked through for', () => {
    const withoutVnni = { architecture: 'x64', flags: ['avx2'] };
    for (const { id, purpose } of bundledModels()) {
      const model = bundledFolder(id) ?? '';
      const files =
        purpose === 'answer'
          ? Object.values(openModelFolder(model).sessions)
          : ['text_model', 'vision_model'].map((graph) => openOtherFolder(model).weights(graph, ['q8']));
      expect(files.length).toBeGreaterThan(1);
      for (const file of files) {
        expect(file?.isTrusted).not.toBe(true);
        expect(file && needsExactProducts(file, withoutVnni)).toBe(false);
      }
    }
  });

  it('are trusted where the engine opens them, but not what somebody put beside them', () => {
    const isTrusted = (path: string): unknown[] =>
      Object.values(openModelFolder(path, { trustBundled: true }).sessions).map((file) => file.isTrusted);
    const copy = join(scratch, asIfBundled);
    cpSync(weights, copy, { recursive: true });
    expect([isTrusted(weights), isTrusted(copy)]).toEqual([Array(3).fill(true), Array(3).fill(true)]);
    expect(folder.sessions.vision_encoder.isTrusted).toBe(false);
    cpSync(tower.path, join(copy, 'onnx/vision_encoder_int8.onnx'));
    expect(isTrusted(copy)).toEqual([false, true, true]);
  });

  it('say what is wrong with them, and what to do, where they are damaged', async () => {
    const path = join(scratch, 'vision_encoder_quantized.onnx');
    writeFileSync(path, readFileSync(tower.path).subarray(0, 100_000));
    const files = { ...folder.sessions, vision_encoder: { ...tower, path, isTrusted: true } };
    const opening = openSessions(ort, files, 1, new NativeGate(createGateMemory()));
    await expect(opening).rejects.toThrow(
      /^A graph of the bundled model is damaged\. vision_encoder_quantized\.onnx is not a whole ONNX file.*Install ocelli again/,
    );
    const error = loadFailure('vision_encoder', { ...tower, isTrusted: true }, new Error('no memory'));
    expect(error.message).toMatch(/could not be loaded: no memory.*ocelli doctor/);
  });

  it('are read over where they are a copy, however they are opened', () => {
    const copy = join(scratch, 'cut');
    cpSync(weights, copy, { recursive: true });
    const { sessions, weightBytes } = openModelFolder(copy, { trustBundled: true });
    expect(weightBytes).toBe(folder.weightBytes);
    expect(openModelFolder(weights, { trustBundled: true }).weightBytes).toBe(folder.weightBytes);
    writeFileSync(sessions.vision_encoder.path, readFileSync(sessions.vision_encoder.path).subarray(0, 100_000));
    expect(() => openModelFolder(copy, { trustBundled: true })).toThrow('not a whole ONNX file');
  });
});
