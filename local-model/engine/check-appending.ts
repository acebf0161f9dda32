/** Makes sure, once per loaded model, that the fast way of keeping the cache gives what the plain way gives. */

import { AppendCache } from './append-cache.js';
import { FeedBackCache } from './feed-back-cache.js';
import { Decoding, type Network } from './generate.js';
import type { KvCache } from './kv-cache.js';

/**
 * Largest difference that rounding explains, as a part of the largest logit: sums over a longer, masked row are added up in another order.
 * A decoder that looks at unused rows, or at its new ones in the wrong place, is off by far more.
 */
const tolerance = { float32: 1e-3, float16: 2e-2 };

/** Any ids that every vocabulary has: the two ways are compared with each other, not with a truth. */
const firstIds = [5, 6, 7, 8, 9];
const nextIds = [10, 11];

/** True when prefill, one token and two tokens in one run, after a cut, give the same logits in both ways. */
export async function appendsExactly(network: Network): Promise<boolean> {
  try {
    return await agrees(network);
  } catch {
    return false;
  }
}

async function agrees(network: Network): Promise<boolean> {
  const fast = await trial(network, new AppendCache(network.layout));
  const plain = await trial(network, new FeedBackCache(network.layout));
  const largest = plain.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
  const allowed = largest * tolerance[network.layout.slots[0]?.type ?? 'float32'];
  return (
    fast.length === plain.length && plain.every((logit, place) => Math.abs(logit - (fast[place] ?? NaN)) <= allowed)
  );
}

async function trial(network: Network, cache: KvCache): Promise<readonly number[]> {
  const decoding = new Decoding(network, { check: () => undefined }, cache);
  const first = await decoding.prefill(firstIds, -1, []);
  const next = await decoding.next(nextIds[0] ?? 0);
  decoding.truncate(firstIds.length);
  const pair = await decoding.extend(nextIds, nextIds.length);
  return [first, next, ...pair].flatMap((logits) => [...logits]);
}
