/** `ocelli doctor` and `ocelli models remove`: a whole machine, one where things are missing, and models that are damaged. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { inspectMachine } from '../../local-model/engine/index.js';
import { doctor, type DoctorOptions, type DoctorWorld } from '../../src/cli/doctor.js';
import type { DoctorReport } from '../../src/cli/doctor-report.js';
import { dualFolder } from '../local-model/embedding-fixture.js';
import { modelFolder } from '../local-model/fixture.js';
import { FakeHub } from '../local-model/hub-server.js';
import { ocelli } from './terminal.js';

const model = 'tiny-lab/tiny-llava';
const key = 'sk-this-must-never-be-printed';

function cache(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ocelli-doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A cache with a model in it, brought by `ocelli pull`. */
async function pulled(
  from = modelFolder,
  name = model,
): Promise<{ environment: { OCELLI_CACHE: string }; folder: string }> {
  const names = (readdirSync(from, { recursive: true }) as string[]).filter((path) => /\.\w+$/.test(path));
  const hub = await new FakeHub(name, new Map(names.map((path) => [path, readFileSync(join(from, path))]))).start();
  const environment = { OCELLI_CACHE: cache() };
  const said = await ocelli(['pull', name, '--mirror', hub.url], { environment });
  expect(said.code).toBe(0);
  return { environment, folder: said.out.trim() };
}

async function examined(
  environment: Readonly<Record<string, string>>,
  world: Partial<DoctorWorld> = {},
  options: DoctorOptions = {},
): Promise<{ code: number; report: DoctorReport; text: string }> {
  const out = { json: '', text: '' };
  const io = (name: keyof typeof out) => ({
    stdin: Readable.from([]),
    stdout: { write: (words: string) => (out[name] += words) },
    stderr: { write: (words: string) => words },
    environment,
    signal: new AbortController().signal,
  });
  const code = await doctor({ ...options, json: true }, '1.2.3', io('json'), world);
  expect(await doctor(options, '1.2.3', io('text'), world)).toBe(code);
  return { code, report: JSON.parse(out.json) as DoctorReport, text: out.text };
}

describe('doctor', () => {
  it('tells what is there, whether there are keys but never a key, and ends with 0', async () => {
    const environment = { OCELLI_CACHE: cache(), OPENAI_API_KEY: key };
    const said = await ocelli(['doctor'], { environment });
    expect(said.code).toBe(0);
    expect(said.out).toMatch(/^ok {2}Node +20|^ok {2}Node +2\d/m);
    expect(said.out).toMatch(/^ok {2}onnxruntime-node +\d+\.\d+\.\d+ \(cpu/m);
    expect(said.out).toMatch(/^ok {2}local:tiny +llava, answers; \d.* MB of weights .*\d+ checksums right; bundled$/m);
    expect(said.out).toMatch(/^ok {2}key for openai +yes$/m);
    expect(said.out).toMatch(/^-- {2}key for anthropic +no: Set ANTHROPIC_API_KEY/m);
    expect(said.out).toMatch(/^(?:ok|--) {2}catalogue +\d+ models, sources checked since \d{4}-\d\d-\d\d/m);
    expect(said.out).toContain('Nothing is broken.');
    const json = await ocelli(['doctor', '--json'], { environment });
    const report = JSON.parse(json.out) as DoctorReport;
    expect(report.problems).toEqual([]);
    expect(report.keys.find(({ provider }) => provider === 'openai')).toEqual({
      provider: 'openai',
      present: true,
      missing: null,
    });
    for (const text of [said.out, said.err, json.out]) expect(text).not.toContain(key);
  });

  it('says when the catalogue has become old, which breaks nothing', async () => {
    const { code, report, text } = await examined({ OCELLI_CACHE: cache() }, { today: '2030-01-01' }, { quick: true });
    expect(code).toBe(0);
    expect(report.catalogue.stale).toBeGreaterThan(10);
    expect(text).toMatch(/^-- {2}catalogue .* of them are due for another look/m);
  });

  const missing = (name: string) => () =>
    Promise.reject(Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' }));
  const linux = { platform: 'linux', architecture: 'x64', musl: false };

  it.each([
    [
      'onnxruntime-node is not installed',
      { machine: linux, importRuntime: missing('onnxruntime-node') },
      /needs the package onnxruntime-node, which is not installed\. Install it with `ONNXRUNTIME_NODE_INSTALL=skip npm/,
    ],
    [
      'a Mac with an Intel processor',
      { machine: { ...linux, platform: 'darwin' }, importRuntime: missing('onnxruntime-node') },
      /no build for macOS on Intel\. Use an Apple-silicon Mac, Linux or Windows, or name a hosted model/,
    ],
    [
      'Alpine',
      { machine: { ...linux, musl: true }, importRuntime: missing('onnxruntime-node') },
      /no build for musl \(Alpine\)\. Use an image with glibc/,
    ],
    [
      'sharp is not installed',
      { machine: linux, importSharp: missing('sharp') },
      /Install it with `npm install sharp`/,
    ],
  ])('names what is missing and the cure, and ends with 1: %s', async (_, loading, message) => {
    const { code, report, text } = await examined(
      { OCELLI_CACHE: cache() },
      { inspectMachine: () => inspectMachine(loading) },
      { quick: true },
    );
    expect(code).toBe(1);
    expect(report.problems).toHaveLength(1);
    expect(report.problems[0]).toMatch(message);
    expect(text).toMatch(/^XX {2}(?:onnxruntime-node|sharp) +cannot be loaded$/m);
    expect(text).toMatch(message);
    expect(report.machine.platform).toBe(`${loading.machine.platform} x64${loading.machine.musl ? ' (musl)' : ''}`);
  });

  it('refuses a Node that is too old', async () => {
    const old = await examined({ OCELLI_CACHE: cache() }, { nodeVersion: '20.8.1' }, { quick: true });
    expect([old.code, old.report.problems]).toEqual([1, ['Node 20.8.1 is too old: ocelli needs 20.9 or newer.']]);
    const next = await examined({ OCELLI_CACHE: cache() }, { nodeVersion: '22.1.0' }, { quick: true });
    expect(next.code).toBe(0);
  });

  it('compares downloaded models with what the hub stated', async () => {
    const { environment, folder } = await pulled();
    const good = await examined(environment);
    expect(good.code).toBe(0);
    const check = good.report.models.find((entry) => entry.model === `local:${model}`);
    expect(check).toMatchObject({ bundled: false, purpose: 'answer', problem: null, files: { wrong: [] } });
    expect(good.text).toMatch(/^ok {2}local:tiny-lab\/tiny-llava +llava, answers; .* kB of weights \(fp32\)/m);

    // One byte in the middle of the weights: the size stays.
    const weights = join(folder, 'onnx', 'vision_encoder.onnx');
    const bytes = readFileSync(weights);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(weights, bytes);
    const changed = await examined(environment);
    expect(changed.code).toBe(1);
    expect(changed.report.problems).toEqual([
      `local:${model}: onnx/vision_encoder.onnx (checksum) is not as it was made. Run \`npx ocelli pull ${model}\` again.`,
    ]);
    expect((await examined(environment, {}, { quick: true })).code).toBe(0);
    truncateSync(weights, 100);
    rmSync(join(folder, 'tokenizer.json'));
    const { report } = await examined(environment);
    expect(report.models.find((entry) => entry.model === `local:${model}`)?.files?.wrong).toEqual(
      expect.arrayContaining([
        { path: 'onnx/vision_encoder.onnx', problem: 'size' },
        { path: 'tokenizer.json', problem: 'missing' },
      ]),
    );
  });

  it('tells dual encoders from models that answer, and what is too large for the memory that is free', async () => {
    const { environment } = await pulled(dualFolder('clip'), 'tiny-lab/tiny-clip');
    const machine = { ...(await inspectMachine()), freeMemory: 1000 };
    const { code, report, text } = await examined(environment, { inspectMachine: () => Promise.resolve(machine) });
    expect(code).toBe(0);
    expect(report.models.find((entry) => entry.model === 'local:tiny-lab/tiny-clip')).toMatchObject({
      purpose: 'embed',
      report: { family: 'clip' },
      tooLarge: true,
    });
    expect(text).toMatch(/^-- {2}local:tiny-lab\/tiny-clip +clip, embeds; .* needs .* of memory, more than is free/m);
  });

  it('tells of downloads that were cut off', async () => {
    const environment = { OCELLI_CACHE: cache() };
    mkdirSync(join(environment.OCELLI_CACHE, 'models', 'tiny-lab', 'half@0123'), { recursive: true });
    const { code, text } = await examined(environment, {}, { quick: true });
    expect(code).toBe(0);
    expect(text).toMatch(
      /^-- {2}local:tiny-lab\/half +download not finished: `npx ocelli pull tiny-lab\/half` goes on/m,
    );
  });
});

describe('models', () => {
  it('lists what was downloaded, and removes it', async () => {
    const { environment, folder } = await pulled();
    const listed = await ocelli(['models'], { environment });
    expect(listed.out).toMatch(/^local:tiny-lab\/tiny-llava +main +c0ffeec0 +[\d.]+ [kM]B +\d{4}-\d\d-\d\d$/m);
    const { pulled: all } = JSON.parse((await ocelli(['models', '--json'], { environment })).out) as {
      pulled: { id: string; folder: string }[];
    };
    expect(all).toMatchObject([{ id: `local:${model}`, folder, revision: 'main' }]);

    const wrong = await ocelli(['models', 'remove', `${model}@other`], { environment });
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('is not in') as string });
    const busy = join(folder, '.ocelli-pull.lock');
    writeFileSync(busy, String(process.pid));
    const refused = await ocelli(['models', 'remove', model], { environment });
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('is downloading') as string });
    rmSync(busy);
    expect(await ocelli(['models', 'remove', `local:${model}`], { environment })).toEqual({
      code: 0,
      out: `removed ${folder}\n`,
      err: '',
    });
    expect((await ocelli(['models'], { environment })).out).not.toContain('tiny-llava');
    expect((await ocelli(['models', 'remove', '../../etc'], { environment })).code).toBe(2);
  });
});
