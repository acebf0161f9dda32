/** Says that a model does not fit before it is loaded, since afterwards only the system would say it, by ending the process. */

import { freemem } from 'node:os';
import * as process from 'node:process';
import { localModelError } from './local-model-error.js';
import { describeBytes } from './onnx-file.js';

/** Bytes that this process may still take, as far as the system tells. */
export function freeMemory(): number {
  // Node 20.13 and later knows the container's limit and what is in use of it.
  const available = (process as { availableMemory?: () => number }).availableMemory?.();
  if (available !== undefined && available > 0) return available;
  const constrained = process.constrainedMemory();
  // 0 and huge values mean that the container sets no limit.
  return constrained > 0 && constrained < 1e15 ? Math.min(freemem(), constrained) : freemem();
}

/**
 * Least memory that loading takes, as a part of the weights: the runtime packs them anew. Measured 1.24 for 32-bit weights and 2.3 for 4-bit ones
 * (reference/local-engine.md, section 2.2).
 */
const loadFactor = 1.25;

/** Bytes that loading weights of that size takes at least. */
export function memoryNeeded(weightBytes: number): number {
  return Math.ceil(weightBytes * loadFactor);
}

/** @throws OcelliError `local-model` when the weights are more than the limit, or loading them takes more than the free memory */
export function checkMemory(weightBytes: number, limitBytes: number | undefined, free: number = freeMemory()): void {
  const cure = 'Choose a smaller dtype or free memory.';
  if (limitBytes !== undefined && weightBytes > limitBytes) {
    throw localModelError(
      `The model's weights take ${describeBytes(weightBytes)}, but only ${describeBytes(limitBytes)} may be used. ${cure}`,
    );
  }
  if (memoryNeeded(weightBytes) <= free) return;
  throw localModelError(
    `Loading this model takes at least ${describeBytes(memoryNeeded(weightBytes))} of memory (${describeBytes(weightBytes)} of weights), but only ${describeBytes(free)} may be used. ${cure}`,
  );
}
