import { fileURLToPath } from 'node:url';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectMachine, inspectModelFolder } from '../../local-model/engine/inspect.js';
import { checkMemory, freeMemory, memoryNeeded } from '../../local-model/engine/memory.js';
import { copyOfModel, modelFolder } from './fixture.js';

describe('what runs here', () => {
  it('is told with the runtime, its providers and the memory', async () => {
    const report = await inspectMachine();
    expect(report.platform).toBe(`${process.platform} ${process.arch}`);
    expect(report.physicalCores).toBeGreaterThan(0);
    expect(report.freeMemory).toBeGreaterThan(0);
    expect(report.runtime).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+/) as string });
    expect((report.runtime as { providers: readonly string[] }).providers).toContain('cpu');
  });
});

describe('what is in a folder', () => {
  it('is told without loading it', () => {
    expect(inspectModelFolder(modelFolder)).toMatchObject({
      family: 'llava',
      contextTokens: 640,
      dtypes: { decoder_model_merged: 'fp32' },
      kvCache: 'append-only',
      fourBitNodes: 0,
      exactProducts: [],
    });
    const bundled = inspectModelFolder(fileURLToPath(new URL('../../local-model/weights', import.meta.url)));
    expect(bundled.memoryNeeded).toBeGreaterThan(bundled.weightBytes);
  });

  it('is refused by name where it is broken', () => {
    const folder = copyOfModel();
    rmSync(join(folder, 'onnx', 'embed_tokens.onnx'));
    expect(() => inspectModelFolder(folder)).toThrow(/embed_tokens\.onnx is missing/);
  });
});

describe('memory', () => {
  it('is asked for before loading: what is needed, what there is, and what to do', () => {
    const gigabyte = 1024 ** 3;
    expect(() => checkMemory(2 * gigabyte, undefined, 2.2 * gigabyte)).toThrow(
      /takes at least 2\.5 GB of memory \(2\.0 GB of weights\), but only 2\.2 GB may be used\. Choose a smaller dtype/,
    );
    expect(() => checkMemory(2 * gigabyte, gigabyte, 8 * gigabyte)).toThrow(/weights take 2\.0 GB, but only 1\.0 GB/);
    expect(() => checkMemory(2 * gigabyte, 3 * gigabyte, 8 * gigabyte)).not.toThrow();
    expect(memoryNeeded(100)).toBe(125);
    expect(freeMemory()).toBeGreaterThan(1024 ** 2);
  });
});
