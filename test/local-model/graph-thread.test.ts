import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { handedOver, toPlain, type FromGraph, type ToGraph } from '../../local-model/engine/graph-messages.js';
import { GraphThread } from '../../local-model/engine/graph-thread.js';
import { loadEngine } from '../../local-model/engine/index.js';
import { collect, modelFolder, pictureRequest } from './fixture.js';

const facts = {
  inputNames: ['pixel_values'],
  outputNames: ['image_features'],
  inputMetadata: [],
  outputMetadata: [],
};

/** A far end that answers as told, and remembers what it was asked. */
function farEnd(answer: (message: ToGraph) => FromGraph | undefined): {
  near: MessagePort;
  far: MessagePort;
  asked: ToGraph[];
} {
  const { port1: near, port2: far } = new MessageChannel();
  const asked: ToGraph[] = [];
  far.on('message', (message: ToGraph) => {
    asked.push(message);
    const said = answer(message);
    if (said !== undefined) far.postMessage(said);
  });
  return { near, far, asked };
}

describe('a graph in a thread of its own', () => {
  it('runs as a session does, and takes the memory of a picture along instead of copying it', async () => {
    const { near, far, asked } = farEnd((message) => {
      if (message.type === 'open') return { type: 'opened', ...facts };
      if (message.type === 'release') return { type: 'released' };
      const features = { type: 'float32', data: Float32Array.of(1, 2, 3), dims: [1, 1, 3] } as const;
      return { type: 'ran', outputs: { image_features: features } };
    });
    const session = await new GraphThread(near).open('tower.onnx', { executionProviders: ['cpu'] });
    expect(session.inputNames).toEqual(['pixel_values']);
    const pixels = new Float32Array(12);
    const outputs = await session.run({ pixel_values: new ort.Tensor('float32', pixels, [1, 3, 2, 2]) }, [
      'image_features',
    ]);
    expect(outputs['image_features']).toBeInstanceOf(ort.Tensor);
    expect(outputs['image_features']?.dims).toEqual([1, 1, 3]);
    expect(pixels.length).toBe(0);
    await session.release();
    expect(asked.map(({ type }) => type)).toEqual(['open', 'run', 'release']);
    far.close();
  });

  it('leaves memory alone that a tensor shares with something else', () => {
    const all = new Float32Array(24);
    const own = new Float32Array(4);
    const tensors = toPlain({
      own: new ort.Tensor('float32', own, [4]),
      part: new ort.Tensor('float32', all.subarray(4, 8), [4]),
    });
    expect(handedOver(tensors)).toEqual([own.buffer]);
  });

  it('says what the runtime said, and keeps the kind of an error of ours', async () => {
    const plain = farEnd(() => ({ type: 'failed', message: 'bad file' }));
    await expect(new GraphThread(plain.near).open('tower.onnx', {})).rejects.toThrow('bad file');
    const aborted = farEnd(() => ({ type: 'failed', message: 'shutting down', kind: 'aborted' }));
    await expect(new GraphThread(aborted.near).open('tower.onnx', {})).rejects.toMatchObject({ kind: 'aborted' });
    plain.far.close();
    aborted.far.close();
  });

  it('fails what was asked of it when it is gone', async () => {
    const { near, far } = farEnd(() => undefined);
    const opening = new GraphThread(near).open('tower.onnx', {});
    far.close();
    await expect(opening).rejects.toThrow('the thread of the graph is gone');
  });

  it('fails what is asked of it later, and has nothing left to let go of', async () => {
    const { near, far } = farEnd((message) => (message.type === 'open' ? { type: 'opened', ...facts } : undefined));
    const session = await new GraphThread(near).open('tower.onnx', {});
    const closed = once(near, 'close');
    far.close();
    await closed;
    await expect(session.run({}, ['image_features'])).rejects.toThrow('the thread of the graph is gone');
    await expect(session.release()).resolves.toBeUndefined();
  });

  it('answers as the calling thread does, also when it is asked again', async () => {
    const threaded = await loadEngine({ folder: modelFolder, pictureMemoryBytes: 0, promptMemoryBytes: 0 });
    const inProcess = await loadEngine({ folder: modelFolder, runInProcess: true });
    const { text } = await collect(inProcess.generate(pictureRequest()));
    for (let time = 0; time < 3; time++) {
      expect((await collect(threaded.generate(pictureRequest()))).text).toBe(text);
    }
    await threaded.close();
    await inProcess.close();
  });
});
