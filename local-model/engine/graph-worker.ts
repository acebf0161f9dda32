/** Entry of a thread that holds one graph: opens it, runs it, lets go of it. Small, since it is to be ready before its parent. */

import { workerData } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-node';
import { OcelliError } from '../../src/errors/index.js';
import { smallestModel } from './graph-bytes.js';
import {
  fromPlain,
  handedOver,
  toPlain,
  type FromGraph,
  type GraphThreadData,
  type ToGraph,
} from './graph-messages.js';
import { reasonOf } from './local-model-error.js';
import { NativeGate } from './native-gate.js';
import { loadOnnxRuntime, type Ort } from './runtime.js';

const { gate: memory, port } = workerData as GraphThreadData;
const gate = new NativeGate(memory);
// Before anything is asked for. What goes wrong here is said when it is.
const runtime = gate.run(() => loadOnnxRuntime()).then(wake);
runtime.catch(() => undefined);
let session: InferenceSession | undefined;

/**
 * The runtime, with its lists of operators set up, which it does for the first graph of a process: meanwhile the host still reads the model's folder.
 * In later loads there is nothing left to set up. If it goes wrong, the graph itself will tell better.
 */
async function wake(ort: Ort): Promise<Ort> {
  const options: InferenceSession.SessionOptions = { intraOpNumThreads: 1, logSeverityLevel: 4 };
  const waking = gate.run(async () => (await ort.InferenceSession.create(smallestModel(), options)).release());
  await waking.catch(() => undefined);
  return ort;
}

async function work(message: ToGraph): Promise<FromGraph> {
  const ort = await runtime;
  if (message.type === 'open') {
    session = await gate.run(() => ort.InferenceSession.create(message.path, message.options));
    const { inputNames, outputNames, inputMetadata, outputMetadata } = session;
    return { type: 'opened', inputNames, outputNames, inputMetadata, outputMetadata };
  }
  const loaded = session;
  if (loaded === undefined) throw new Error('the graph is not loaded');
  if (message.type === 'release') {
    session = undefined;
    await loaded.release();
    return { type: 'released' };
  }
  const outputs = await gate.run(() => loaded.run(fromPlain(message.feeds, ort.Tensor), message.fetches));
  return { type: 'ran', outputs: toPlain(outputs) };
}

async function answer(message: ToGraph): Promise<FromGraph> {
  try {
    return await work(message);
  } catch (error) {
    if (OcelliError.isInstance(error)) return { type: 'failed', message: error.message, kind: error.kind };
    return { type: 'failed', message: reasonOf(error) };
  }
}

// When the other end is closed there is nothing left to wait for, and the thread ends by itself.
port.on('message', (message: ToGraph) => {
  void answer(message).then((said) => port.postMessage(said, said.type === 'ran' ? handedOver(said.outputs) : []));
});
