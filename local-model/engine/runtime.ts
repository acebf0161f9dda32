/** Loads the two heavy optional packages on first use, and says what to do when one is missing. */

import { readFileSync } from 'node:fs';
import nodeModule from 'node:module';
import { availableParallelism } from 'node:os';
import type * as OnnxRuntime from 'onnxruntime-node';
import type { default as Sharp } from 'sharp';
import { localModelError, reasonOf } from './local-model-error.js';

export type Ort = typeof OnnxRuntime;
export type SharpFactory = typeof Sharp;

/** What decides whether the runtime can exist on this machine. */
export interface Machine {
  readonly platform: string;
  readonly architecture: string;
  /** A Linux without glibc, such as Alpine. */
  readonly musl: boolean;
}

/** How packages come in, and on what machine; for tests of what is missing where. */
export interface Loading {
  readonly machine?: Machine;
  readonly importRuntime?: () => Promise<Ort>;
  readonly importSharp?: () => Promise<{ readonly default: SharpFactory }>;
}

export async function loadOnnxRuntime(loading: Loading = {}): Promise<Ort> {
  const { importRuntime = requireRuntime } = loading;
  try {
    return await importRuntime();
  } catch (error) {
    // Only now: asking a Linux for its C library takes up to 0.2 s, since the report looks up the network's names too.
    throw localModelError(runtimeFailure(error, loading.machine ?? thisMachine()));
  }
}

/** Not by `import`, which would look through the package's many CommonJS files for what they export. */
function requireRuntime(): Promise<Ort> {
  return new Promise((resolve) => resolve(nodeModule.createRequire(import.meta.url)('onnxruntime-node') as Ort));
}

export async function loadSharp({ importSharp = () => import('sharp') }: Loading = {}): Promise<SharpFactory> {
  try {
    return (await importSharp()).default;
  } catch (error) {
    throw localModelError(sharpFailure(error));
  }
}

/** Why onnxruntime-node could not be loaded, and the cure. Platforms: its package of version 1.30.0, folder `bin/napi-v6`. */
export function runtimeFailure(error: unknown, machine: Machine): string {
  const install = 'ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node';
  if (machine.platform === 'darwin' && machine.architecture === 'x64') {
    return 'The local model cannot run here: onnxruntime-node has no build for macOS on Intel. Use an Apple-silicon Mac, Linux or Windows, or name a hosted model.';
  }
  if (machine.musl) {
    return 'The local model cannot run here: onnxruntime-node has no build for musl (Alpine). Use an image with glibc, such as node:20-slim, or name a hosted model.';
  }
  if (isMissing(error, 'onnxruntime-node')) {
    return `The local model needs the package onnxruntime-node, which is not installed. Install it with \`${install}\`.`;
  }
  return `The package onnxruntime-node could not be loaded (${reasonOf(error)}). Install it again with \`${install}\`.`;
}

/** Why sharp could not be loaded, and the cure. */
export function sharpFailure(error: unknown): string {
  if (isMissing(error, 'sharp')) {
    return 'The local model needs the package sharp to read pictures, which is not installed. Install it with `npm install sharp`.';
  }
  return `The package sharp could not be loaded (${reasonOf(error)}). Install it again with \`npm install sharp\`.`;
}

function isMissing(error: unknown, name: string): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return (
    (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') &&
    error instanceof Error &&
    // Below it stands who asked for it, by paths in which the name stands too.
    (error.message.split('\n', 1)[0] ?? '').includes(`'${name}'`)
  );
}

export function thisMachine(): Machine {
  return { platform: process.platform, architecture: process.arch, musl: isMusl() };
}

function isMusl(): boolean {
  if (process.platform !== 'linux') return false;
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return report !== undefined && report.header?.glibcVersionRuntime === undefined;
}

/** Cores that are not merely a second thread of another one: more decoder threads than these slow it down. */
export function physicalCores(): number {
  const logical = availableParallelism();
  if (process.platform === 'linux') {
    try {
      return countPhysicalCores(readFileSync('/proc/cpuinfo', 'utf8'), logical);
    } catch {
      return logical;
    }
  }
  return process.arch === 'x64' ? Math.max(1, Math.ceil(logical / 2)) : logical;
}

/** Distinct pairs of socket and core in `/proc/cpuinfo`, at most `logical`. */
export function countPhysicalCores(cpuInfo: string, logical: number): number {
  const cores = new Set<string>();
  for (const processor of cpuInfo.split(/\n\s*\n/)) {
    const socket = /^physical id\s*:\s*(\d+)/m.exec(processor)?.[1];
    const core = /^core id\s*:\s*(\d+)/m.exec(processor)?.[1];
    if (core !== undefined) cores.add(`${socket ?? 0}:${core}`);
  }
  return cores.size === 0 ? logical : Math.min(cores.size, logical);
}
