/** Puts an estimate beside a prepared call, and orders candidates by what they would cost. */

import {
  estimateImage,
  estimateRequest,
  plainRequestOf,
  type RequestEstimate,
  type Tokenizers,
} from '../estimate/index.js';
import { OcelliError } from '../errors/index.js';
import type { Catalogue } from '../models/index.js';
import { uprightSize } from '../media/index.js';
import type {
  MediaBytes,
  MediaReport,
  PreparedMediaPart,
  PreparedRequest,
  PreparedToolResult,
  PreparedUserPart,
} from '../request/index.js';
import type { CandidateOrSkip } from './call.js';
import type { Candidate } from './candidate.js';

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

/**
 * A request that even by the low end of its estimate is longer than the model's context is not sent.
 *
 * @throws OcelliError `context-length`
 */
export function refuseTooLong(candidate: Candidate, estimate: RequestEstimate | undefined): void {
  const context = candidate.description.limits.contextTokens;
  if (estimate === undefined || context === undefined || estimate.input.low <= context) return;
  throw new OcelliError(
    'context-length',
    `The request is at least ${estimate.input.low} tokens long, and ${candidate.id} takes ${context}. Send less, or name a model with a longer context.`,
    { provider: candidate.adapter.provider, model: candidate.id },
  );
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

/** Puts beside every picture what it costs as it is sent; reports and pictures of a request are in the same order. */
export function withImageTokens(
  reports: readonly MediaReport[],
  id: string,
  request: PreparedRequest,
  catalogue: Catalogue,
): readonly MediaReport[] {
  const model = catalogue.findModel(id);
  if (model === undefined) return reports;
  const pictures = picturesOf(request);
  return reports.map((report, index) => {
    const picture = pictures[index];
    if (picture?.media.type !== 'bytes') return report;
    const { width, height } = picture.media;
    if (width === undefined || height === undefined) return report;
    const size = uprightSize({
      width,
      height,
      orientation: picture.media.orientation ?? 1,
    });
    const { tokens } = estimateImage({
      model,
      ...size,
      detail: picture.detail ?? 'high',
      fit: 'off',
      imagesInRequest: pictures.length,
    });
    return { ...report, tokens };
  });
}

function picturesOf(request: PreparedRequest): PreparedMediaPart[] {
  return mediaPartsOf(request).filter(({ type }) => type === 'image');
}

/** The media of a request whose bytes are sent. */
export function mediaOf(request: PreparedRequest): MediaBytes[] {
  return mediaPartsOf(request).flatMap(({ media }) => (media.type === 'bytes' ? [media] : []));
}

function mediaPartsOf(request: PreparedRequest): PreparedMediaPart[] {
  const parts: (PreparedUserPart | PreparedToolResult)[] = [];
  for (const message of request.messages) {
    if (message.role === 'user' || message.role === 'tool') parts.push(...message.content);
  }
  return parts
    .flatMap((part) => (part.type === 'tool-result' ? part.content : [part]))
    .filter((part): part is PreparedMediaPart => part.type !== 'text');
}
