/** Remembers fitted pictures, so that a fallback to a target of the same shape does no work twice. */

import type { CheckedMedia } from '../media-bytes.js';
import type { FitPlan } from './plan-fit.js';

/** A fitted picture with how many tries it took to keep to its limit of bytes. */
export interface CachedFit {
  readonly media: CheckedMedia;
  readonly steps: number;
}

/** Keeps what was asked for last, up to a number of bytes. */
export interface FitCache {
  /** Does the work unless the same was done before or is being done. */
  fit(sha256: string, plan: FitPlan, work: () => Promise<CachedFit>): Promise<CachedFit>;
  /** Bytes that are kept now. */
  readonly bytes: number;
}

export interface FitCacheOptions {
  /** Most bytes of pictures that are kept, their base64 text included. Default 64 MiB. */
  readonly maxBytes?: number;
}

interface Entry {
  readonly work: Promise<CachedFit>;
  readonly maxFileBytes: number;
  result?: CachedFit;
}

/** Bytes, and 4 characters of base64 for 3 of them. */
const keptPerByte = 7 / 3;

/**
 * @example
 * const cache = createFitCache({ maxBytes: 32 * 1_048_576 });
 * await fitPicture(media, target, { cache });
 */
export function createFitCache(options: FitCacheOptions = {}): FitCache {
  const { maxBytes = 64 * 1_048_576 } = options;
  // In order of use: what was used last is last.
  const entries = new Map<string, Entry>();
  let bytes = 0;
  const weigh = ({ media }: CachedFit): number => Math.ceil(media.bytes.length * keptPerByte);

  const forget = (key: string): void => {
    const result = entries.get(key)?.result;
    if (result !== undefined) bytes -= weigh(result);
    entries.delete(key);
  };
  const keep = (key: string, entry: Entry, result: CachedFit): void => {
    // It may have been replaced meanwhile by one for a tighter limit.
    if (entries.get(key) !== entry) return;
    if (weigh(result) > maxBytes) {
      entries.delete(key);
      return;
    }
    entry.result = result;
    bytes += weigh(result);
    for (const [oldest, { result: kept }] of entries) {
      if (bytes <= maxBytes) break;
      if (kept !== undefined && oldest !== key) forget(oldest);
    }
  };

  return {
    get bytes() {
      return bytes;
    },
    async fit(sha256, plan, work) {
      const key = keyOf(sha256, plan);
      const maxFileBytes = plan.maxFileBytes ?? Infinity;
      const known = entries.get(key);
      if (known !== undefined) {
        entries.delete(key);
        entries.set(key, known);
        const result = await known.work;
        if (serves(result, known.maxFileBytes, maxFileBytes)) return result;
        if (entries.get(key) === known) forget(key);
      }
      const entry: Entry = { work: work(), maxFileBytes };
      entries.set(key, entry);
      try {
        const result = await entry.work;
        keep(key, entry, result);
        return result;
      } catch (error) {
        if (entries.get(key) === entry) entries.delete(key);
        throw error;
      }
    },
  };
}

/** What was made under another limit of bytes serves where that limit played no part, or was the same. */
function serves({ media, steps }: CachedFit, madeFor: number, maxFileBytes: number): boolean {
  return media.bytes.length <= maxFileBytes && (steps === 0 || madeFor === maxFileBytes);
}

/** Everything that decides what comes out, but the limit of bytes and the words for it. */
function keyOf(sha256: string, plan: FitPlan): string {
  const { action, width, height, turn, white, formats, content, keepMetadata } = plan;
  return [sha256, action, width, height, turn, white, formats.join('+'), content, keepMetadata].join(' ');
}
