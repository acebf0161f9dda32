/** Puts an estimate beside a prepared call, and orders candidates by what they would cost. */

import { estimateRequest, plainRequestOf, type RequestEstimate, type Tokenizers } from '../estimate/index.js';
import type { Catalogue } from '../models/index.js';
import type { PreparedRequest } from '../request/index.js';
import type { CandidateOrSkip } from './call.js';

export interface EstimateOptions {
  /** Without them text is counted by its letters, with a wide range. */
  readonly tokenizers?: Tokenizers;
  /** Tokens of the answer that are likely. Default 300, or the limit if that is smaller. */
  readonly expectedOutputTokens?: number;
  readonly cachedInputTokens?: number;
  readonly batch?: boolean;
  /** Day of the prices. Default: today. */
  readonly date?: string | Date;
}

/** The estimate of a prepared request; `undefined` for a model without a catalogue row. */
export function estimateCall(
  id: string,
  request: PreparedRequest,
  catalogue: Catalogue,
  options: EstimateOptions = {},
): RequestEstimate | undefined {
  const model = catalogue.findModel(id);
  return model === undefined
    ? undefined
    : estimateRequest({ model, catalogue, ...plainRequestOf(request), ...options });
}

/** The cheapest first; candidates without a known price after them, and those that cannot be tried last. Their places are numbered anew. */
export function orderByPrice(
  candidates: readonly CandidateOrSkip[],
  usd: ReadonlyMap<number, number>,
): readonly CandidateOrSkip[] {
  const rank = (candidate: CandidateOrSkip): number =>
    'skip' in candidate ? Number.POSITIVE_INFINITY : (usd.get(candidate.index) ?? Number.MAX_VALUE);
  return [...candidates]
    .sort((first, second) => rank(first) - rank(second) || first.index - second.index)
    .map((candidate, index) => ({ ...candidate, index }));
}
