/** Reads probabilities off logits, for callers that want to know how sure the model was. */

export interface Logprob {
  readonly id: number;
  /** Natural logarithm of the probability. */
  readonly logprob: number;
}

/** The probability of one token and of the `count` likeliest ones, likeliest first. */
export function logprobsOf(
  logits: Float32Array,
  chosen: number,
  count: number,
): { readonly chosen: Logprob; readonly top: readonly Logprob[] } {
  const highest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - highest), 0);
  const shift = highest + Math.log(sum);
  const of = (id: number): Logprob => ({ id, logprob: (logits[id] ?? -Infinity) - shift });
  return { chosen: of(chosen), top: likeliestIds(logits, count).map(of) };
}

/** Ids of the largest logits, by insertion into a short list. */
function likeliestIds(logits: Float32Array, count: number): readonly number[] {
  const best: number[] = [];
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] ?? 0;
    if (count === 0 || (best.length === count && logit <= (logits[best[count - 1] ?? 0] ?? 0))) continue;
    let place = best.length;
    while (place > 0 && logit > (logits[best[place - 1] ?? 0] ?? 0)) place--;
    best.splice(place, 0, id);
    if (best.length > count) best.pop();
  }
  return best;
}
