/** Chooses the next token from logits: greedy, or sampled by temperature, top-k, top-p and min-p with a seed per request. */

import { localModelError } from './local-model-error.js';

export interface SamplingOptions {
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  /** Above 0 to 1; 1 switches it off. */
  readonly topP: number;
  /** Infinity switches it off. */
  readonly topK: number;
  /** Least probability of a token, as a part of the likeliest one's: 0 switches it off. */
  readonly minP: number;
}

/** Without any option the answer is greedy; `topP`, `topK` or `minP` alone means temperature 1. */
export function samplingOptions(options: {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
}): SamplingOptions {
  const samples = options.topP !== undefined || options.topK !== undefined || options.minP !== undefined;
  return {
    temperature: options.temperature ?? (samples ? 1 : 0),
    topP: options.topP ?? 1,
    topK: options.topK ?? Infinity,
    minP: options.minP ?? 0,
  };
}

/** @param random numbers from 0 to below 1 */
export function sample(logits: Float32Array, options: SamplingOptions, random: () => number): number {
  const best = likeliest(logits);
  if (options.temperature <= 0 || options.topK <= 1) return best;
  const candidates = nucleus(logits, logits[best] ?? 0, options);
  let point = random() * candidates.total;
  for (const [index, id] of candidates.ids.entries()) {
    point -= candidates.weights[index] ?? 0;
    if (point < 0) return id;
  }
  return candidates.ids[0] ?? best;
}

/** Index of the largest logit, the first one of equals. */
export function likeliest(logits: Float32Array): number {
  let best = -1;
  let highest = -Infinity;
  for (let index = 0; index < logits.length; index++) {
    const logit = logits[index] ?? 0;
    if (logit > highest) {
      highest = logit;
      best = index;
    } else if (Number.isNaN(logit)) {
      throw notANumber();
    }
  }
  if (best === -1 || highest === Infinity) throw notANumber();
  return best;
}

function notANumber(): Error {
  return localModelError(
    'The model produced values that are not numbers. Its weights are damaged or of the wrong kind.',
  );
}

interface Nucleus {
  readonly ids: readonly number[];
  /** Not normalised. */
  readonly weights: readonly number[];
  readonly total: number;
}

/** The tokens that may be drawn, likeliest first: at most `topK`, of those the fewest that hold `topP` of the probability, and none below `minP`. */
function nucleus(logits: Float32Array, highest: number, options: SamplingOptions): Nucleus {
  const weights = new Float64Array(logits.length);
  let sum = 0;
  for (let index = 0; index < logits.length; index++) {
    const weight = Math.exp(((logits[index] ?? 0) - highest) / options.temperature);
    weights[index] = weight;
    sum += weight;
  }
  // All tokens below this together hold less than 1 - topP, so none of them can be in the nucleus: sorting few is exact.
  const least = options.topK < Infinity ? 0 : ((1 - options.topP) * sum) / logits.length;
  const sorted: number[] = [];
  for (let index = 0; index < weights.length; index++) if ((weights[index] ?? 0) >= least) sorted.push(index);
  sorted.sort((first, second) => (weights[second] ?? 0) - (weights[first] ?? 0) || first - second);
  const allowed = sorted.slice(0, Math.min(sorted.length, options.topK));
  const mass = options.topK < Infinity ? allowed.reduce((total, id) => total + (weights[id] ?? 0), 0) : sum;
  const ids: number[] = [];
  let total = 0;
  for (const id of allowed) {
    if (ids.length > 0 && total >= options.topP * mass) break;
    // The likeliest token weighs 1.
    if ((weights[id] ?? 0) < options.minP) break;
    ids.push(id);
    total += weights[id] ?? 0;
  }
  return { ids, weights: ids.map((id) => weights[id] ?? 0), total };
}

/**
 * A small repeatable generator (sfc32, public domain, Chris Doty-Humphrey), seeded by any integer.
 *
 * @example
 * const random = seededRandom(42);
 * random(); // the same number on every machine
 */
export function seededRandom(seed: number): () => number {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = Math.trunc(seed / 4294967296) | 0;
  let counter = seed | 0;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4294967296;
  };
  for (let round = 0; round < 15; round++) next();
  return next;
}
