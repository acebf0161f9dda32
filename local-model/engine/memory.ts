/** Says that a model does not fit before it is loaded, since afterwards only the system would say it, by ending the process. */

import { freemem } from 'node:os';
import { constrainedMemory } from 'node:process';
import { localModelError } from './local-model-error.js';
import { describeBytes } from './onnx-file.js';

/** @throws OcelliError `local-model` when weights of that size are more than the limit or the free memory */
export function checkMemory(weightBytes: number, limitBytes: number | undefined): void {
  const constrained = constrainedMemory();
  // 0 and huge values mean that the container sets no limit.
  const free = constrained > 0 && constrained < 1e15 ? Math.min(freemem(), constrained) : freemem();
  const limit = Math.min(limitBytes ?? Infinity, free);
  if (weightBytes <= limit) return;
  throw localModelError(
    `The model's weights take ${describeBytes(weightBytes)}, but only ${describeBytes(limit)} may be used. Choose a smaller dtype or free memory.`,
  );
}
