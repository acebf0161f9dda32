/** Changes logits before a token is chosen from them: penalties for what was said already, and wishes about single tokens. */

export interface Penalties {
  /** 1 switches it off. */
  readonly repetition: number;
  /** 0 switches it off. */
  readonly presence: number;
  /** 0 switches it off. */
  readonly frequency: number;
  readonly bias: ReadonlyMap<number, number>;
}

export function penaltiesOf(options: {
  readonly repetitionPenalty?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly logitBias?: Readonly<Record<number, number>>;
}): Penalties {
  return {
    repetition: options.repetitionPenalty ?? 1,
    presence: options.presencePenalty ?? 0,
    frequency: options.frequencyPenalty ?? 0,
    bias: new Map(Object.entries(options.logitBias ?? {}).map(([id, bias]) => [Number(id), bias])),
  };
}

/**
 * New logits, or the same ones where nothing is to be changed. Repetition is penalised as in CTRL (arXiv 1909.05858, section 4.1), in prompt and
 * answer; presence and frequency as in OpenAI's API, in the answer only.
 *
 * @param answered how often each token is in the answer
 */
export function penalised(
  logits: Float32Array,
  penalties: Penalties,
  prompt: ReadonlySet<number>,
  answered: ReadonlyMap<number, number>,
): Float32Array {
  const { repetition, presence, frequency, bias } = penalties;
  const isRepeating = repetition !== 1;
  const isCounting = presence !== 0 || frequency !== 0;
  if (!isRepeating && !isCounting && bias.size === 0) return logits;
  const changed = Float32Array.from(logits);
  if (isRepeating) {
    for (const id of new Set([...prompt, ...answered.keys()])) {
      const logit = changed[id] ?? 0;
      changed[id] = logit > 0 ? logit / repetition : logit * repetition;
    }
  }
  if (isCounting) {
    for (const [id, count] of answered) changed[id] = (changed[id] ?? 0) - presence - frequency * count;
  }
  for (const [id, added] of bias) if (id < changed.length) changed[id] = (changed[id] ?? 0) + added;
  return changed;
}

/**
 * New logits without the tokens that would complete a run of `size` tokens for the second time, or the same ones where there are none.
 * Source: transformers, `NoRepeatNGramLogitsProcessor` (5.23).
 *
 * @param ids what the decoder has seen, from its first token on
 */
export function withoutRepeats(logits: Float32Array, ids: readonly number[], size: number): Float32Array {
  const last = ids.length - size + 1;
  const banned: number[] = [];
  for (let start = 0; start < last; start++) {
    let same = 0;
    while (same < size - 1 && ids[start + same] === ids[last + same]) same++;
    const id = ids[start + size - 1];
    if (same === size - 1 && id !== undefined) banned.push(id);
  }
  if (banned.length === 0) return logits;
  const changed = Float32Array.from(logits);
  for (const id of banned) changed[id] = -Infinity;
  return changed;
}
