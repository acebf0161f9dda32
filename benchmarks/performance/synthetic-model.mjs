/**
 * Writes a LLaVA folder with random weights of any geometry, its decoder made the way hub exports are: GroupQueryAttention with
 * rotary positions from the mask, and 4-bit or plain products. For timings and for tests; it answers nonsense.
 */

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const float = 1;
const uint8 = 2;
const int32 = 6;
const int64 = 7;

/** Takes text side and processor from `base`, a LLaVA folder with a tower of 48 pixels in a grid of 4 by 4. */
export function writeSyntheticModel(folder, base, geometry) {
  const random = generator(geometry.seed ?? 1);
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  for (const name of [
    'preprocessor_config',
    'processor_config',
    'tokenizer',
    'tokenizer_config',
    'generation_config',
  ]) {
    cpSync(join(base, `${name}.json`), join(folder, `${name}.json`));
  }
  const config = JSON.parse(readFileSync(join(base, 'config.json'), 'utf8'));
  config.text_config = { ...config.text_config, max_position_embeddings: geometry.context };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const suffix = geometry.bits === 4 ? '_q4' : '';
  writeFileSync(join(folder, `onnx/decoder_model_merged${suffix}.onnx`), decoder(geometry, random));
  writeFileSync(join(folder, 'onnx/embed_tokens.onnx'), embedding(geometry, random));
  writeFileSync(join(folder, 'onnx/vision_encoder.onnx'), vision(geometry, random));
}

function decoder(geometry, random) {
  const { layers, hidden, heads, kvHeads, headSize, feedForward, vocabulary, context } = geometry;
  const graph = new Graph(geometry.bits === 4, random);
  graph.input('inputs_embeds', float, ['batch_size', 'sequence_length', hidden]);
  graph.input('attention_mask', int64, ['batch_size', 'total_sequence_length']);
  graph.output('logits', float, ['batch_size', 'sequence_length', vocabulary]);
  const seen = graph.op('ReduceSum', ['attention_mask', graph.ints([1])], { keepdims: 0 });
  const lengths = graph.op('Cast', [graph.op('Sub', [seen, graph.ints([1])])], { to: int32 });
  const total = graph.op('Gather', [graph.op('Shape', ['attention_mask']), graph.tensor(int64, [], words([1]))], {
    axis: 0,
  });
  const totalLength = graph.op('Cast', [total], { to: int32 });
  const angles = Array.from({ length: context * (headSize / 2) }, (_, index) => {
    const pair = index % (headSize / 2);
    return Math.floor(index / (headSize / 2)) * 10_000 ** ((-2 * pair) / headSize);
  });
  const cosines = graph.floats([context, headSize / 2], Float32Array.from(angles, Math.cos));
  const sines = graph.floats([context, headSize / 2], Float32Array.from(angles, Math.sin));
  let x = 'inputs_embeds';
  for (let layer = 0; layer < layers; layer++) {
    const present = ['key', 'value'].map((kind) => {
      const shape = (length) => ['batch_size', kvHeads, length, headSize];
      graph.input(`past_key_values.${layer}.${kind}`, float, shape('past_sequence_length'));
      graph.output(`present.${layer}.${kind}`, float, shape('total_sequence_length'));
      return `present.${layer}.${kind}`;
    });
    const y = graph.norm(x);
    const [query, key, value] = [heads, kvHeads, kvHeads].map((count) => graph.linear(y, hidden, count * headSize));
    const past = ['key', 'value'].map((kind) => `past_key_values.${layer}.${kind}`);
    const [attended] = graph.node(
      'GroupQueryAttention',
      [query, key, value, ...past, lengths, totalLength, cosines, sines],
      [graph.name(), ...present],
      { num_heads: heads, kv_num_heads: kvHeads, do_rotary: 1 },
      'com.microsoft',
    );
    x = graph.op('Add', [x, graph.linear(attended, heads * headSize, hidden)]);
    const z = graph.norm(x);
    const gate = graph.linear(z, hidden, feedForward);
    const gated = graph.op('Mul', [
      graph.op('Mul', [gate, graph.op('Sigmoid', [gate])]),
      graph.linear(z, hidden, feedForward),
    ]);
    x = graph.op('Add', [x, graph.linear(gated, feedForward, hidden)]);
  }
  graph.linear(graph.norm(x), hidden, vocabulary, 'logits');
  return graph.bytes();
}

function embedding({ hidden, vocabulary }, random) {
  const graph = new Graph(false, random);
  graph.input('input_ids', int64, ['batch_size', 'sequence_length']);
  graph.output('inputs_embeds', float, ['batch_size', 'sequence_length', hidden]);
  graph.node(
    'Gather',
    [graph.floats([vocabulary, hidden], normal(vocabulary * hidden, 1, random)), 'input_ids'],
    ['inputs_embeds'],
  );
  return graph.bytes();
}

/** One linear layer over the patches' pixels: enough to make every picture different. */
function vision({ hidden }, random) {
  const graph = new Graph(false, random);
  graph.input('pixel_values', float, ['num_images', 3, 48, 48]);
  graph.output('image_features', float, ['num_images', 16, hidden]);
  const patches = graph.op('Reshape', ['pixel_values', graph.ints([-1, 16, 432])]);
  graph.linear(patches, 432, hidden, 'image_features');
  return graph.bytes();
}

/** Collects nodes and weights; methods return names of values. Field numbers: onnx.proto of onnx 1.23. */
export class Graph {
  parts = [];
  count = 0;

  constructor(isFourBit, random) {
    this.isFourBit = isFourBit;
    this.random = random;
  }

  name() {
    return `value_${this.count++}`;
  }

  input(name, type, shape) {
    this.parts.push(valueInfo(11, name, type, shape));
  }

  output(name, type, shape) {
    this.parts.push(valueInfo(12, name, type, shape));
  }

  tensor(type, shape, raw) {
    const name = this.name();
    this.parts.push(
      field(5, [...shape.map((size) => number(1, size)), number(2, type), field(8, name), field(9, raw)]),
    );
    return name;
  }

  ints(values) {
    return this.tensor(int64, [values.length], words(values));
  }

  floats(shape, values) {
    return this.tensor(float, shape, raw(values));
  }

  op(type, inputs, attributes = {}) {
    return this.node(type, inputs, [this.name()], attributes)[0];
  }

  node(type, inputs, outputs, attributes = {}, domain = '') {
    const list = Object.entries(attributes).map(([name, value]) =>
      field(5, [field(1, name), number(3, value), number(20, 2)]),
    );
    const names = [...inputs.map((name) => field(1, name)), ...outputs.map((name) => field(2, name))];
    this.parts.push(field(1, [...names, field(4, type), ...list, ...(domain === '' ? [] : [field(7, domain)])]));
    return outputs;
  }

  norm(x) {
    const squares = this.op('ReduceMean', [this.op('Mul', [x, x]), this.ints([-1])], { keepdims: 1 });
    const epsilon = this.floats([], Float32Array.of(1e-5));
    return this.op('Div', [x, this.op('Sqrt', [this.op('Add', [squares, epsilon])])]);
  }

  linear(x, from, to, output = this.name()) {
    if (!this.isFourBit || from % 32 !== 0) {
      return this.node(
        'MatMul',
        [x, this.floats([from, to], normal(from * to, from ** -0.5, this.random))],
        [output],
      )[0];
    }
    const blocks = from / 32;
    const packed = Uint8Array.from({ length: to * blocks * 16 }, () => Math.floor(this.random() * 256));
    // Values run from -8 to 7 evenly, so their spread is 4.6 times the scale.
    const scales = new Float32Array(to * blocks).fill(from ** -0.5 / 4.6);
    const inputs = [x, this.tensor(uint8, [to, blocks, 16], packed), this.floats([to * blocks], scales)];
    return this.node('MatMulNBits', inputs, [output], { K: from, N: to, bits: 4, block_size: 32 }, 'com.microsoft')[0];
  }

  bytes() {
    const opsets = [field(8, [number(2, 18)]), field(8, [field(1, 'com.microsoft'), number(2, 1)])];
    return Buffer.concat([number(1, 8), field(7, [field(2, 'synthetic'), ...this.parts]), ...opsets]);
  }
}

function valueInfo(place, name, type, shape) {
  const sizes = shape.map((size) => field(1, [typeof size === 'number' ? number(1, size) : field(2, size)]));
  return field(place, [field(1, name), field(2, [field(1, [number(1, type), field(2, sizes)])])]);
}

function varint(value) {
  const bytes = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

function number(place, value) {
  return Buffer.concat([varint(place * 8), varint(value)]);
}

function field(place, value) {
  const bytes = typeof value === 'string' ? Buffer.from(value) : Array.isArray(value) ? Buffer.concat(value) : value;
  return Buffer.concat([varint(place * 8 + 2), varint(bytes.length), bytes]);
}

function raw(values) {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

function words(values) {
  return raw(BigInt64Array.from(values, BigInt));
}

/** Bell-shaped enough: the sum of four even numbers. */
function normal(count, spread, random) {
  return Float32Array.from({ length: count }, () => (random() + random() + random() + random() - 2) * spread * 1.73);
}

/** mulberry32, public domain. */
function generator(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
