/** Estimates one part of a message by its kind. */

import { checkedOn, dayOf, type ModelRow } from '../models/index.js';
import type { Detail, PartKind } from '../request/index.js';
import { estimateImage, type FitMode } from './estimate-image.js';
import { estimateAudio, estimateDocument, estimateVideo } from './estimate-media.js';
import type { Estimate } from './estimate-record.js';
import { textEstimate, type Tokenizers } from './estimate-text.js';
import { sumOf, type Range } from './range.js';
import type { PlainPart } from './request-parts.js';
import { amountOfUnknownLength, pictureOfUnknownSize } from './unknown-media.js';

/** What all parts of a request share. */
export interface PartContext {
  readonly row: ModelRow;
  readonly tokenizers: Tokenizers;
  readonly detail: Detail;
  readonly fit: FitMode;
  readonly imagesInRequest: number;
  readonly day: string;
}

/** An estimate with the place that it belongs to. */
export interface PartEstimate extends Estimate {
  /** For example `messages[0].content[1]`, `tools`, `output` or `framing`. */
  readonly path: string;
  readonly kind: PartKind | 'tools' | 'output' | 'framing';
}

/** @throws OcelliError `invalid-request` for a size or length that is none */
export function estimatePart(part: PlainPart, path: string, context: PartContext): PartEstimate {
  return { ...estimateOf(part, path, context), path, kind: part.type };
}

function estimateOf(part: PlainPart, path: string, context: PartContext): Estimate {
  const { row, tokenizers, detail, fit, imagesInRequest, day } = context;
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return textEstimate(row, part.text, tokenizers);
    case 'image': {
      const { width, height, bytes } = part;
      const own = part.detail ?? detail;
      if (width === undefined || height === undefined) return pictureOfUnknownSize(row, own, fit);
      const query = { model: row, width, height, detail: own, fit, imagesInRequest, date: day };
      return estimateImage(bytes === undefined ? query : { ...query, bytes });
    }
    case 'audio':
      return over(amountOf(part.seconds, 'audio', part.bytes), (seconds) => estimateAudio({ model: row, seconds }));
    case 'video': {
      const { type: _type, bytes, seconds: known, ...video } = part;
      return over(amountOf(known, 'video', bytes), (seconds) => estimateVideo({ model: row, ...video, seconds }));
    }
    case 'document': {
      const own = part.detail === undefined ? {} : { detail: part.detail };
      return over(amountOf(part.pages, 'document', part.bytes), (pages) =>
        estimateDocument({ model: row, pages, ...own }),
      );
    }
    case 'tool-call':
      return textEstimate(row, JSON.stringify({ name: part.name, arguments: part.arguments }), tokenizers);
    case 'tool-result':
      return toolResult(part.content, path, context);
    default: {
      const unknown: never = part;
      throw new TypeError(`Unknown part ${JSON.stringify(unknown)}`);
    }
  }
}

function amountOf(known: number | undefined, kind: 'audio' | 'video' | 'document', bytes: number | undefined): Range {
  return known === undefined ? amountOfUnknownLength(kind, bytes) : { tokens: known, low: known, high: known };
}

/** The estimate of an amount that is itself a range. */
function over(amount: Range, estimate: (amount: number) => Estimate): Estimate {
  const likely = estimate(amount.tokens);
  if (amount.low === amount.high) return likely;
  return { ...likely, low: estimate(amount.low).low, high: estimate(amount.high).high, confidence: 'assumed' };
}

function toolResult(content: string | readonly PlainPart[], path: string, context: PartContext): Estimate {
  if (typeof content === 'string') return textEstimate(context.row, content, context.tokenizers);
  const parts = content.map((part, index) => estimatePart(part, `${path}.content[${index}]`, context));
  const rejected = parts.find((part) => part.rejected !== undefined)?.rejected;
  return {
    ...sumOf(parts),
    rule: parts.length === 1 ? (parts[0]?.rule ?? 'sum') : 'sum',
    confidence: leastConfidence(parts),
    asOf: checkedOn(context.row) ?? dayOf(context.day),
    ...(rejected === undefined ? {} : { rejected }),
  };
}

const confidences = ['assumed', 'derived', 'measured', 'documented'] as const;

/** A sum can be trusted as far as the weakest of its parts. */
export function leastConfidence(estimates: readonly Estimate[]): Estimate['confidence'] {
  return (
    confidences.find((confidence) => estimates.some((estimate) => estimate.confidence === confidence)) ?? 'documented'
  );
}
