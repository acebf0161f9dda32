/** Makes sure, once per loaded model unless it is a bundled one, that the fast way of keeping the cache gives what the plain way gives. */

import { AppendCache } from './append-cache.js';
import { splitsExactly } from './check-attention.js';
import { FeedBackCache } from './feed-back-cache.js';
import { Decoding, type DecoderNetwork } from './generate.js';
import type { KvCache } from './kv-cache.js';
import type { AttentionShape } from './split-attention.js';

/**
 * Largest difference that rounding explains, as a part of the largest logit: sums over a longer, masked row are added up in another order.
 * A decoder that looks at unused rows, or at its new ones in the wrong place, is off by far more.
 */
const tolerance = { float32: 1e-3, float16: 2e-2 };
/**
 * Where products round activations to 8 bits, a last bit that differs can become a step of 1/127. Measured for SmolLM2-135M (2026-11-24): 2e-2 with
 * rounding, 1.5e-6 without; rows or positions in the wrong place are off by as much as the logits are large.
 */
const roundedTolerance = 0.15;

/** Any ids that every vocabulary has: the two ways are compared with each other, not with a truth. */
const firstIds = [5, 6, 7, 8, 9];
const nextIds = [10, 11];

/** True when prefill, one token and two tokens in one run, after a cut, give the same logits in both ways. */
export async function appendsExactly(network: DecoderNetwork): Promise<boolean> {
  try {
    return await agrees(network);
  } catch {
    return false;
  }
}

/**
 * A decoder whose attention was taken apart has no plain way left to compare with. So one attention of its sizes is compared with the
 * runtime's own, and the decoder, taking its tokens in several runs, with itself taking them in one.
 */
export async function splitDecoderIsExact(
  network: DecoderNetwork,
  attention: AttentionShape,
  isRounded: boolean,
): Promise<boolean> {
  try {
    if (!(await splitsExactly(network.ort, attention, network.gate))) return false;
    const parts = await trial(network, new AppendCache(network.layout));
    const whole: Float32Array[] = [];
    for (const ids of [firstIds, [...firstIds, ...nextIds.slice(0, 1)], [...firstIds, ...nextIds]]) {
      const decoding = new Decoding(network, { check: () => undefined }, new AppendCache(network.layout));
      whole.push(await decoding.prefill(ids, -1, []));
    }
    const [first, second, third] = whole;
    if (first === undefined || second === undefined || third === undefined) return false;
    return areNear(parts, [first, second, second, third], isRounded ? roundedTolerance : toleranceOf(network));
  } catch {
    return false;
  }
}

async function agrees(network: DecoderNetwork): Promise<boolean> {
  const fast = await trial(network, new AppendCache(network.layout));
  const plain = await trial(network, new FeedBackCache(network.layout));
  return areNear(fast, plain, toleranceOf(network));
}

function toleranceOf(network: DecoderNetwork): number {
  return tolerance[network.layout.slots[0]?.type ?? 'float32'];
}

/**
 * First one of so many logits is compared: what is wrong with rows, positions or masks changes all of them. A loop over all has the engine compile
 * it while the model loads, so it is left for where the few are apart.
 */
const stride = 5;

/** @param most difference allowed, as a part of the largest value */
function areNear(fast: readonly Float32Array[], plain: readonly Float32Array[], most: number): boolean {
  if (fast.length !== plain.length || fast.some((logits, place) => logits.length !== plain[place]?.length))
    return false;
  return isWithin(fast, plain, most, stride) || isWithin(fast, plain, most, 1);
}

function isWithin(fast: readonly Float32Array[], plain: readonly Float32Array[], most: number, step: number): boolean {
  let largest = 0;
  let difference = 0;
  for (const [place, expected] of plain.entries()) {
    for (let index = 0; index < expected.length; index += step) {
      const logit = expected[index] ?? NaN;
      const apart = Math.abs(logit - (fast[place]?.[index] ?? NaN));
      if (Number.isNaN(apart)) return false;
      largest = Math.max(largest, Math.abs(logit));
      difference = Math.max(difference, apart);
    }
  }
  return difference <= largest * most;
}

/** Logits after the first tokens, after one more, and of two in one run after a cut. */
async function trial(network: DecoderNetwork, cache: KvCache): Promise<readonly Float32Array[]> {
  const decoding = new Decoding(network, { check: () => undefined }, cache);
  const first = await decoding.prefill(firstIds, -1, []);
  const next = await decoding.next(nextIds[0] ?? 0);
  decoding.truncate(firstIds.length);
  return [first, next, ...(await decoding.extend(nextIds, nextIds.length))];
}
