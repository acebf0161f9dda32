/** Estimates one part of a message by its kind. */

import { checkedOn, dayOf, type ModelRow } from '../models/index.js';
import type { Detail, PartKind } from '../request/index.js';
import { estimateImage } from './estimate-image.js';
import { estimateAudio, estimateDocument, estimateVideo } from './estimate-media.js';
import type { Estimate } from './estimate-record.js';
import { textEstimate, type Tokenizers } from './estimate-text.js';
import { sumOf } from './range.js';
import type { PlainPart } from './request-parts.js';

/** What all parts of a request share. */
export interface PartContext {
  readonly row: ModelRow;
  readonly tokenizers: Tokenizers;
  readonly detail: Detail;
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
  const { row, tokenizers, detail, imagesInRequest, day } = context;
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return textEstimate(row, part.text, tokenizers);
    case 'image': {
      const { width, height, bytes } = part;
      const own = { width, height, detail: part.detail ?? detail, ...(bytes === undefined ? {} : { bytes }) };
      return estimateImage({ model: row, ...own, imagesInRequest, date: day });
    }
    case 'audio':
      return estimateAudio({ model: row, seconds: part.seconds });
    case 'video': {
      const { type: _type, bytes: _bytes, ...video } = part;
      return estimateVideo({ model: row, ...video });
    }
    case 'document': {
      const { pages } = part;
      return estimateDocument({ model: row, pages, ...(part.detail === undefined ? {} : { detail: part.detail }) });
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
