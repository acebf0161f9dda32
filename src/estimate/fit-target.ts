/** Says as plain data what a model's vendor does to a picture and what it refuses, for the media room, which knows no models. */

import type { Detail } from '../request/index.js';
import type { Confidence, ImageRule, Limits, ModelDescription } from '../models/index.js';
import { countImage } from './count-image.js';
import type { Size } from './estimate-record.js';
import { longEdge, type ImageCount } from './image-count.js';
import { portableDetailOf } from './portable-detail.js';

/** A model as far as pictures are concerned: a catalogue row, or a description without a rule, whose pictures are not scaled. */
export type FittedModel = ModelDescription & { readonly imageRule?: ImageRule };

/** What `planFit` and `fitPicture` take; the media room's `FitTarget`. */
export interface ModelFitTarget {
  readonly mediaTypes?: readonly string[];
  readonly limits: Pick<Limits, 'images' | 'requestBytes'>;
  readonly pictureCount: number;
  readonly detailScaling?: (width: number, height: number) => Size;
  readonly vendorScaling?: (width: number, height: number) => Size;
  readonly nearestTaken?: (width: number, height: number) => Size;
  readonly alpha: 'keep' | 'white';
  readonly staysHere: boolean;
}

/** Rules that were only concluded or taken over from a relative change no pixel. */
const trusted: ReadonlySet<Confidence> = new Set<Confidence>(['documented', 'measured']);
/** Sizes tried above the vendor's own before the picture is left as it is. */
const growthTried = 64;

/**
 * Where a detail is carried out by our scaling, it comes first. A vendor's own scaling is used for tile, patch and Claude rules that are documented or measured; Gemini's pictures are not scaled,
 * because what its models see of a larger one is not known.
 *
 * @param detail what the picture is sent with; `auto` is what it means for this model
 * @param pictureCount pictures in the whole request
 * @param staysHere the model runs on this machine, so that nothing has to be hidden from it and nothing is lost on the way. Default false
 *
 * @example
 * const target = fitTargetOf(findModel('anthropic:claude-opus-5'), 'high', 1);
 * target.vendorScaling?.(4032, 3024); // { width: 2212, height: 1659 }
 */
export function fitTargetOf(
  model: FittedModel,
  detail: Detail,
  pictureCount: number,
  staysHere = false,
): ModelFitTarget {
  const { capabilities, limits, imageRule: rule } = model;
  const pictures = capabilities.mediaTypes.filter((type) => type.startsWith('image/'));
  const { scale } = portableDetailOf(rule, detail);
  const keepsAlpha = pictures.some((type) => type === 'image/png' || type === 'image/webp');
  return {
    mediaTypes: pictures,
    limits: {
      ...(limits.images === undefined ? {} : { images: limits.images }),
      ...(limits.requestBytes === undefined ? {} : { requestBytes: limits.requestBytes }),
    },
    pictureCount,
    staysHere,
    alpha: keepsAlpha ? 'keep' : 'white',
    ...(scale === undefined ? {} : { detailScaling: (width: number, height: number) => scale({ width, height }) }),
    ...(rule !== undefined && scalesBySize(rule)
      ? { vendorScaling: (width: number, height: number) => sizeOfSameCost(rule, { width, height }, detail) }
      : {}),
    ...(rule?.rule === 'openai-patches' && rule.rejectAbove !== undefined
      ? {
          nearestTaken: (width: number, height: number) =>
            countImage(rule, { width, height }, detail).rejected?.nearest ?? { width, height },
        }
      : {}),
  };
}

function scalesBySize(rule: ImageRule): boolean {
  const { rule: name } = rule;
  const isScaling = name === 'openai-tiles' || name === 'openai-patches' || name === 'claude';
  return isScaling && 'confidence' in rule && trusted.has(rule.confidence);
}

/**
 * The size that the vendor would scale to, by the reading that leaves more pixels. Where rounding would make the scaled picture cost
 * more or less than the original, the next larger size that does not, and if there is none the original's.
 */
function sizeOfSameCost(rule: ImageRule, size: Size, detail: Detail): Size {
  const cost = countImage(rule, size, detail);
  if (cost.rejected !== undefined) return size;
  const largest = readings(rule).reduce<Size>(
    (best, reading) => largerOf(best, countImage(reading, size, detail).resizedTo),
    cost.resizedTo,
  );
  const long = longEdge(size);
  for (let growth = 0; growth <= growthTried && longEdge(largest) + growth < long; growth += 1) {
    const candidate = growth === 0 ? largest : withLongEdge(size, longEdge(largest) + growth);
    if (costsTheSame(countImage(rule, candidate, detail), cost)) return candidate;
  }
  return size;
}

/** The rule as other sources read it. */
function readings(rule: ImageRule): readonly ImageRule[] {
  if (rule.rule !== 'openai-patches' || rule.highConflict === undefined) return [];
  // Where all details mean the same, sources contradict each other about all of them.
  return [{ ...rule, high: rule.highConflict, low: rule.low === rule.high ? rule.highConflict : rule.low }];
}

function largerOf(first: Size, second: Size): Size {
  return second.width * second.height > first.width * first.height ? second : first;
}

function withLongEdge({ width, height }: Size, long: number): Size {
  const scale = long / Math.max(width, height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

function costsTheSame(first: ImageCount, second: ImageCount): boolean {
  return first.tokens === second.tokens && first.low === second.low && first.high === second.high;
}
