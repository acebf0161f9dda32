/** Writes a picture as its plan says, in steps of falling quality and then of size until it keeps to its limit of bytes. */

import type { Sharp } from 'sharp';
import { OcelliError } from '../../errors/index.js';
import { formatBytes } from '../byte-limits.js';
import type { PixelSize } from './fit-target.js';
import type { SharpFactory } from './load-sharp.js';
import type { PixelFacts, PixelSource } from './look-at-pixels.js';
import type { FitPlan, OutputFormat } from './plan-fit.js';

/** What was written. */
export interface EncodedPicture {
  readonly bytes: Uint8Array;
  /** Attempts before this one that were too large. */
  readonly steps: number;
}

interface Encoding {
  readonly format: OutputFormat;
  /** 1 to 100; PNG has none. */
  readonly quality?: number;
}

/** 90 can hardly be told from the original; under 50 blocks begin to look like things. */
const qualities = [90, 80, 70, 60, 50] as const;
/** Shrinking goes on at this quality: a smaller clean picture says more than a large broken one. */
const qualityWhenShrinking = 70;
/** libwebp writes no longer side. */
const longestWebpSide = 16_383;

/**
 * @throws OcelliError `image-too-large` when even a tiny picture would not fit, `unsupported-input` when the target reads nothing that
 *   can be written; what sharp throws passes through
 */
export async function encodePicture(
  sharp: SharpFactory,
  source: PixelSource,
  plan: FitPlan,
  facts: PixelFacts,
): Promise<EncodedPicture> {
  const { maxFileBytes = Infinity } = plan;
  const encodings = encodingsFor(plan, facts);
  let steps = 0;
  let bytes: Uint8Array = new Uint8Array();
  for (const encoding of encodings) {
    bytes = await write(sharp, source, plan, plan, encoding, facts.transparent);
    if (bytes.length <= maxFileBytes) return { bytes, steps };
    steps += 1;
  }
  const last = encodings.at(-1);
  const encoding: Encoding =
    last?.quality === undefined ? { format: last?.format ?? 'jpeg' } : { ...last, quality: qualityWhenShrinking };
  let size: PixelSize = plan;
  while (Math.max(size.width, size.height) > 1) {
    // Bytes fall a little more slowly than pixels do.
    const scale = Math.min(0.85, 0.95 * Math.sqrt(maxFileBytes / bytes.length));
    size = scaled(size, scale);
    bytes = await write(sharp, source, plan, size, encoding, facts.transparent);
    if (bytes.length <= maxFileBytes) return { bytes, steps };
    steps += 1;
  }
  throw new OcelliError(
    'image-too-large',
    `A picture cannot be made small enough: even 1 × 1 pixel takes ${bytes.length} bytes, and ${formatBytes(maxFileBytes)} are left for it. Send fewer pictures at once.`,
  );
}

function scaled({ width, height }: PixelSize, scale: number): PixelSize {
  const side = (pixels: number): number => Math.max(1, Math.floor(pixels * scale));
  return { width: side(width), height: side(height) };
}

/** PNG where nothing may be lost, WebP where transparency has to get smaller, JPEG for everything else. */
export function encodingsFor({ formats, white, width, height }: FitPlan, facts: PixelFacts): readonly Encoding[] {
  const isTransparent = facts.transparent && !white;
  const jpeg = steps('jpeg');
  const webp = Math.max(width, height) > longestWebpSide ? [] : steps('webp');
  const png: readonly Encoding[] = [{ format: 'png' }];
  const order = isTransparent
    ? [...png, ...webp, ...jpeg]
    : facts.fewColours
      ? [...png, ...jpeg, ...webp]
      : [...jpeg, ...(formats.includes('jpeg') ? [] : webp), ...png];
  const possible = order.filter(({ format }) => formats.includes(format));
  // Whoever can write a JPEG or WebP does not come down to PNG again; whoever can keep transparency does not lose it.
  const keepsAlpha = isTransparent && possible.some(({ format }) => format !== 'jpeg');
  const kept = possible.filter(({ format }) => !keepsAlpha || format !== 'jpeg');
  if (kept.length === 0) {
    throw new OcelliError(
      'unsupported-input',
      'A picture has to be converted, but the target reads none of JPEG, PNG and WebP. Convert it yourself, or choose another model.',
    );
  }
  const isPhoto = !isTransparent && !facts.fewColours;
  return isPhoto && kept.length > 1 ? kept.filter(({ format }) => format !== 'png') : kept;
}

function steps(format: 'jpeg' | 'webp'): readonly Encoding[] {
  return qualities.map((quality) => ({ format, quality }));
}

async function write(
  sharp: SharpFactory,
  { input, options, shrinkOnLoad }: PixelSource,
  plan: FitPlan,
  { width, height }: PixelSize,
  { format, quality }: Encoding,
  transparent: boolean,
): Promise<Uint8Array> {
  let picture = sharp(input, options);
  if (plan.turn) picture = picture.autoOrient();
  // To the pixel: what was estimated is what is sent. An equal size is left alone by sharp.
  picture = picture.resize(width, height, { fit: 'fill', fastShrinkOnLoad: shrinkOnLoad });
  if (plan.white || (transparent && format === 'jpeg')) picture = picture.flatten({ background: '#ffffff' });
  else if (!transparent) picture = picture.removeAlpha();
  if (plan.keepMetadata) picture = picture.keepExif().keepXmp();
  return toFormat(picture, format, quality).toBuffer();
}

/** Full colour resolution as long as quality counts: coloured text is unreadable without it. */
function toFormat(picture: Sharp, format: OutputFormat, quality = 90): Sharp {
  if (format === 'png') return picture.png();
  if (format === 'webp') return picture.webp({ quality });
  return picture.jpeg({ quality, chromaSubsampling: quality >= 90 ? '4:4:4' : '4:2:0' });
}
