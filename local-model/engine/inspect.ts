/** Says what runs here and what a model folder holds, without loading any weights: what a check of an installation prints. */

import { cpus } from 'node:os';
import { inspectDecoder } from './decoder-patch.js';
import { mayOverflow, needsExactProducts, processorFlags, thisProcessor, type Processor } from './eight-bit.js';
import { familyOf } from './families.js';
import { dualFamilyOf } from './embedding/dual-families.js';
import { chooseGraphs } from './embedding/dual-model.js';
import { contextTokensOf, openModelFolder, openOtherFolder } from './folder.js';
import { reasonOf } from './local-model-error.js';
import { freeMemory, memoryNeeded } from './memory.js';
import type { Dtype, ModelSummary } from './request.js';
import { loadOnnxRuntime, loadSharp, physicalCores, thisMachine, type Loading } from './runtime.js';

/** The machine as the engine sees it. */
export interface MachineReport {
  /** Such as `linux x64`. */
  readonly platform: string;
  readonly processor: string;
  /** Threads that a decoder gets by default. */
  readonly physicalCores: number;
  /** Those flags that matter for speed, of what the system tells; `undefined` where it tells nothing. */
  readonly processorFlags: readonly string[] | undefined;
  /** Whether 8-bit products of signed weights may overflow, for want of VNNI; where they would, they are computed in a slower way. */
  readonly eightBitMayOverflow: boolean;
  /** Bytes. */
  readonly freeMemory: number;
  /** Version and providers of onnxruntime-node, or why it cannot be loaded. */
  readonly runtime: { readonly version: string; readonly providers: readonly string[] } | { readonly problem: string };
  /** Versions of sharp and of libvips in it, or why it cannot be loaded. */
  readonly sharp: { readonly version: string; readonly libvips: string } | { readonly problem: string };
}

/** What is in a model folder. */
export interface FolderReport {
  readonly family: string;
  readonly contextTokens: number;
  readonly dtypes: ModelSummary['dtypes'];
  /** Bytes on disk, and bytes that loading takes at least. */
  readonly weightBytes: number;
  readonly memoryNeeded: number;
  /** What the graph allows; unless the model is a bundled one, it is checked again when it is loaded. */
  readonly kvCache: ModelSummary['kvCache'];
  /** 4-bit products whose accuracy level is open, which are made faster. */
  readonly fourBitNodes: number;
  /** Graphs whose 8-bit products this processor must compute in a slower way, since it has no VNNI and they have weights of more than 7 bits. */
  readonly exactProducts: readonly string[];
}

const flagsOfInterest = ['avx2', 'avx_vnni', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_int8', 'asimddp', 'i8mm'];

/**
 * Never throws: what does not work is part of the report.
 *
 * @param loading for tests: another machine, packages that are missing
 * @example
 * const { runtime, freeMemory } = await inspectMachine();
 */
export async function inspectMachine(loading: Loading = {}): Promise<MachineReport> {
  const { platform, architecture, musl } = loading.machine ?? thisMachine();
  return {
    platform: `${platform} ${architecture}${musl ? ' (musl)' : ''}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    physicalCores: physicalCores(),
    processorFlags: processorFlags()?.filter((flag) => flagsOfInterest.includes(flag)),
    eightBitMayOverflow: mayOverflow(thisProcessor()),
    freeMemory: freeMemory(),
    runtime: await runtimeReport(loading),
    sharp: await sharpReport(loading),
  };
}

/**
 * Checks a model folder as loading does, up to the weights.
 *
 * @throws OcelliError `local-model` saying which file is missing or broken
 */
export function inspectModelFolder(path: string, processor: Processor = thisProcessor()): FolderReport {
  const folder = openModelFolder(path);
  const { vision_encoder, embed_tokens, decoder_model_merged } = folder.sessions;
  const { appending, slowNodes } = inspectDecoder(decoder_model_merged.path, 'decoder_model_merged');
  return {
    family: familyOf(folder).name,
    contextTokens: contextTokensOf(folder.config, folder.tokenizerConfig),
    dtypes: {
      vision_encoder: vision_encoder.dtype,
      embed_tokens: embed_tokens.dtype,
      decoder_model_merged: decoder_model_merged.dtype,
    },
    weightBytes: folder.weightBytes,
    memoryNeeded: memoryNeeded(folder.weightBytes),
    kvCache: appending === undefined ? 'feed-back' : 'append-only',
    fourBitNodes: slowNodes,
    exactProducts: Object.entries(folder.sessions).flatMap(([name, file]) =>
      file !== undefined && needsExactProducts(file, processor) ? [name] : [],
    ),
  };
}

async function sharpReport(loading: Loading): Promise<MachineReport['sharp']> {
  try {
    const { versions } = await loadSharp(loading);
    return { version: versions.sharp ?? 'unknown', libvips: versions.vips };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}

async function runtimeReport(loading: Loading): Promise<MachineReport['runtime']> {
  try {
    const ort = await loadOnnxRuntime(loading);
    const providers = ort.listSupportedBackends().map((backend) => backend.name);
    return { version: ort.env.versions.node ?? 'unknown', providers };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}

/** What is in the folder of a dual encoder. */
export interface EncoderReport {
  readonly family: string;
  readonly dtypes: Readonly<Record<string, Dtype>>;
  /** Bytes on disk, and bytes that loading takes at least. */
  readonly weightBytes: number;
  readonly memoryNeeded: number;
}

/**
 * The same for a dual encoder (CLIP, SigLIP).
 *
 * @throws OcelliError `local-model` saying which file is missing or broken
 */
export function inspectEncoderFolder(path: string): EncoderReport {
  const folder = openOtherFolder(path);
  const files = Object.entries(chooseGraphs(folder, undefined));
  const weightBytes = files.reduce((sum, [, file]) => sum + file.bytes, 0);
  return {
    family: dualFamilyOf(folder.config).name,
    dtypes: Object.fromEntries(files.map(([name, file]) => [name, file.dtype])),
    weightBytes,
    memoryNeeded: memoryNeeded(weightBytes),
  };
}
