/** Graphs that their exporter had rewritten are spared the rewriting: every number that they give stays what it is. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync, cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { bundledFolder } from '../../local-model/engine/bundled.js';
import { openModelFolder } from '../../local-model/engine/folder.js';
import { smallestModel } from '../../local-model/engine/graph-bytes.js';
import { sessionOptions } from '../../local-model/engine/sessions.js';

const scratch = mkdtempSync(join(tmpdir(), 'ocelli-finished-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const weights = bundledFolder('tiny') ?? '';
const folder = openModelFolder(weights);

function noise(count: number, dims: readonly number[]): ort.Tensor {
  let state = 7;
  const values = Float32Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647 - 0.5;
  });
  return new ort.Tensor('float32', values, dims);
}

/** What a graph is given: the tower a fine picture and a coarse one, the decoder five tokens. */
function feedsOf(session: ort.InferenceSession, name: 'vision_encoder' | 'decoder_model_merged', side: number) {
  if (name === 'vision_encoder') return { pixel_values: noise(3 * side * side, [1, 3, side, side]) };
  const feeds: Record<string, ort.Tensor> = {
    inputs_embeds: noise(5 * 192, [1, 5, 192]),
    attention_mask: new ort.Tensor('int64', new BigInt64Array(5).fill(1n), [1, 5]),
    position_ids: new ort.Tensor('int64', BigInt64Array.from([0n, 1n, 2n, 3n, 4n]), [1, 5]),
  };
  for (const input of session.inputNames.filter((each) => each.startsWith('past_key_values.'))) {
    feeds[input] = new ort.Tensor('float32', new Float32Array(0), [1, 6, 0, 32]);
  }
  return feeds;
}

describe('finished graphs', () => {
  it.each([
    ['vision_encoder', 192],
    ['vision_encoder', 576],
    ['decoder_model_merged', 0],
  ] as const)('compute the same with and without the steps: %s, %i px', async (name, side) => {
    const results: Uint8Array[][] = [];
    for (const isFinished of [false, true]) {
      const options = sessionOptions(name, 1, false, isFinished);
      const session = await ort.InferenceSession.create(folder.sessions[name].path, options);
      const outputs = await session.run(feedsOf(session, name, side));
      const bytes = Object.values(outputs).map(({ data }) => data as Float32Array);
      results.push(bytes.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)));
      await session.release();
    }
    const [before, after] = results;
    expect(before?.every((each) => each.some((byte) => byte !== 0))).toBe(true);
    expect(after?.every((each, index) => Buffer.from(each).equals(before?.[index] ?? new Uint8Array()))).toBe(true);
  });

  it('are those whose folder says so', () => {
    expect(folder.sessions.vision_encoder.isFinished).toBe(true);
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
  it('are read over only where they are a copy', () => {
    const copy = join(scratch, 'copy');
    cpSync(weights, copy, { recursive: true });
    const whole = openModelFolder(copy);
    expect(whole.weightBytes).toBe(folder.weightBytes);
    const cut = readFileSync(whole.sessions.vision_encoder.path).subarray(0, 100_000);
    writeFileSync(whole.sessions.vision_encoder.path, cut);
    expect(() => openModelFolder(copy)).toThrow('not a whole ONNX file');
  });
});
