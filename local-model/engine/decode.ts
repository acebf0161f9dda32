/** Decodes an answer token by token, or several in one run where they are forced or were guessed right. */

import type { Answer } from './answer.js';
import type { TokenDecoder } from './generate.js';
import type { PromptLookup } from './lookup.js';
import { localModelError } from './local-model-error.js';
import type { EngineEvent } from './request.js';

/** What guesses the next tokens, and the prompt that it guesses from. */
export interface Speculation {
  readonly lookup: PromptLookup;
  readonly promptIds: readonly number[];
}

/**
 * Goes on until the answer is over. Afterwards the decoding remembers the prompt and what was fed of the answer, and nothing that was guessed wrong.
 *
 * @param first logits after the prompt
 */
export async function* decode(
  decoding: TokenDecoder,
  answer: Answer,
  first: Float32Array,
  speculation: Speculation | undefined,
): AsyncGenerator<EngineEvent, void> {
  let rows: readonly Float32Array[] = [first];
  let draft: readonly number[] = [];
  const beginning = yield* takeForced(answer);
  if (beginning.length > 0 && answer.reason === undefined) rows = await decoding.extend(beginning, 1);
  while (answer.reason === undefined) {
    const { next, right } = yield* chooseFrom(rows, draft, answer);
    decoding.truncate(decoding.length - (draft.length - right));
    if (draft.length > 0) speculation?.lookup.report(right);
    const ids = [...next, ...(yield* takeForced(answer))];
    if (answer.reason !== undefined) return;
    draft = speculation?.lookup.draft([...speculation.promptIds, ...answer.ids], answer.room - 1) ?? [];
    rows = await decoding.extend([...ids, ...draft], draft.length + 1);
  }
}

/** Chooses a token after each row, as long as the one that was guessed is chosen: then its row is there already. */
function* chooseFrom(
  rows: readonly Float32Array[],
  draft: readonly number[],
  answer: Answer,
): Generator<EngineEvent, { readonly next: readonly number[]; readonly right: number }> {
  for (const [place, logits] of rows.entries()) {
    const id = answer.choose(logits);
    yield* answer.take(id, logits);
    if (answer.reason !== undefined) return { next: [], right: place };
    if (draft[place] !== id) return { next: [id], right: place };
    // What is certain is written in its own tokens, as it would be without guessing.
    if (answer.forced().length > 0) return { next: [], right: place + 1 };
  }
  throw localModelError('The decoder returned no logits.');
}

/** Tokens that are certain need no logits. */
function* takeForced(answer: Answer): Generator<EngineEvent, readonly number[]> {
  if (answer.reason !== undefined) return [];
  const ids = answer.forced();
  for (const [count, id] of ids.entries()) {
    yield* answer.take(id);
    // A stop text may end it here.
    if (answer.reason !== undefined) return ids.slice(0, count + 1);
  }
  return ids;
}
