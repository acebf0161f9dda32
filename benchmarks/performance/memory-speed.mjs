/** How fast this machine's memory is read, by the runtime that the engine runs on: the bound of decoding. */

import * as ort from 'onnxruntime-node';
import { Graph } from './synthetic-model.mjs';

const [float, rows, columns] = [1, 8, 8 * 1024 * 1024];

/** Bytes a second; the best of several passes over 256 MB. */
export async function readSpeed(threads) {
  const graph = new Graph(false, () => 0);
  graph.input('numbers', float, [rows, columns]);
  graph.output('largest', float, [rows]);
  graph.node('ReduceMax', ['numbers', graph.ints([1])], ['largest'], { keepdims: 0 });
  const session = await ort.InferenceSession.create(graph.bytes(), { intraOpNumThreads: threads });
  const numbers = new ort.Tensor('float32', new Float32Array(rows * columns).fill(1), [rows, columns]);
  let least = Infinity;
  for (let pass = 0; pass < 8; pass++) {
    const start = performance.now();
    await session.run({ numbers });
    least = Math.min(least, performance.now() - start);
  }
  await session.release();
  return (rows * columns * 4) / (least / 1000);
}
