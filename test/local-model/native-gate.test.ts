import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { createGateMemory, NativeGate, stopNative, waitForNative } from '../../local-model/engine/native-gate.js';

describe('the gate before native code', () => {
  it('holds the end of a process until the last of several threads is out of it', async () => {
    const memory = createGateMemory();
    Atomics.store(new Int32Array(memory), 1, 2);
    const leaves = `
      const { workerData, parentPort } = require('node:worker_threads');
      const state = new Int32Array(workerData);
      parentPort.postMessage('started');
      for (let turn = 0; turn < 2; turn++) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
        Atomics.sub(state, 1, 1);
        Atomics.notify(state, 1);
      }`;
    const worker = new Worker(leaves, { eval: true, workerData: memory });
    await new Promise((resolve) => worker.once('message', resolve));
    waitForNative(memory, 10_000);
    expect(Atomics.load(new Int32Array(memory), 1)).toBe(0);
    await worker.terminate();
  });

  it('gives up waiting after the time that it was given', () => {
    const memory = createGateMemory();
    Atomics.store(new Int32Array(memory), 1, 1);
    waitForNative(memory, 20);
    expect(Atomics.load(new Int32Array(memory), 1)).toBe(1);
  });

  it('lets nothing begin when it is closed, and says whether something is still going on', async () => {
    const memory = createGateMemory();
    const gate = new NativeGate(memory);
    await gate.run(async () => {
      expect(stopNative(memory)).toBe(false);
    });
    expect(stopNative(memory)).toBe(true);
    await expect(gate.run(async () => 1)).rejects.toMatchObject({ kind: 'aborted' });
  });
});
