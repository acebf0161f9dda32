/** Tells 8-bit weights that a processor would multiply wrongly: without VNNI instructions sums of signed bytes overflow. */

import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readSkeleton } from './decoder-skeleton.js';
import type { SessionFile } from './folder.js';
import { readSignedBytes } from './onnx-file.js';

/** What decides how 8-bit products are computed. */
export interface Processor {
  /** Such as `x64`. */
  readonly architecture: string;
  /** As Linux names them; `undefined` where the system tells nothing. */
  readonly flags: readonly string[] | undefined;
}

export function thisProcessor(): Processor {
  return { architecture: process.arch, flags: processorFlags() };
}

/** All flags of the first core; `undefined` where the system does not tell. */
export function processorFlags(): readonly string[] | undefined {
  try {
    return /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ');
  } catch {
    return undefined;
  }
}

const vnniFlags = ['avx512_vnni', 'avx_vnni'];

/** Whether 8-bit products can overflow here; where the system does not tell, the runtime decides, which knows. */
export function mayOverflow({ architecture, flags }: Processor): boolean {
  return architecture === 'x64' && (flags === undefined || !vnniFlags.some((flag) => flags.includes(flag)));
}

/** Two products of bytes are added in 16 bits: 2 × 255 × 64 = 32,640 still fits. */
const largestSafe = 64;
const chunkBytes = 1024 ** 2;

/**
 * Whether a graph needs the slower, exact 8-bit products (`session.x64quantprecision`) on this processor: it has signed weights of more than
 * 7 bits, and no VNNI to add them up in 32 bits. A trusted one has none. Source: onnxruntime_session_options_config_keys.h of onnxruntime 1.30
 * (`kOrtSessionOptionsAvx2PrecisionMode`); VPMADDUBSW adds pairs in 16 bits with saturation.
 */
export function needsExactProducts(file: SessionFile, processor: Processor = thisProcessor()): boolean {
  if (file.isTrusted === true) return false;
  // Weights that are turned into floats before they are multiplied overflow nothing.
  const multipliesBytes = (): boolean => readSkeleton(file.path, basename(file.path)).roundsActivations;
  return mayOverflow(processor) && hasLargeSignedBytes(file.path) && multipliesBytes();
}

function hasLargeSignedBytes(path: string): boolean {
  const folder = dirname(path);
  return readSignedBytes(path, basename(path)).some(({ location, start, length }) => {
    // Written as a list of numbers, which no exporter of real weights does: not worth a reader of its own.
    if (start === undefined) return true;
    return hasLarge(location === undefined ? path : join(folder, location), start, length);
  });
}

function hasLarge(path: string, start: number, length: number): boolean {
  const file = openSync(path, 'r');
  try {
    const chunk = new Int8Array(Math.min(chunkBytes, length));
    for (let at = 0; at < length;) {
      const read = readSync(file, chunk, 0, Math.min(chunk.length, length - at), start + at);
      if (read === 0) return false;
      for (let index = 0; index < read; index++) if (Math.abs(chunk[index] ?? 0) > largestSafe) return true;
      at += read;
    }
    return false;
  } finally {
    closeSync(file);
  }
}
