/** Remembers what was loaded during one request, so that every source is read once however many candidates need it. */

import { OcelliError, type ErrorKind } from '../errors/index.js';
import type { MediaKind } from '../request/index.js';
import { loadMedia, type LoadedMedia, type LoadMediaOptions } from './load-media.js';
import type { ReadableSource } from './read-source.js';

export type MediaStoreOptions = Omit<LoadMediaOptions, 'kind' | 'signal'>;

/** Loads sources and keeps them as long as it lives: make one for each request. */
export interface MediaStore {
  /** The same source gives the same object again. `kind` picks the byte limit when it is first loaded. */
  load(source: ReadableSource, kind: MediaKind, signal?: AbortSignal): Promise<LoadedMedia>;
}

/** Failures that another try may not have: these are forgotten. All others, and those of streams, are kept. */
const passingKinds: ReadonlySet<ErrorKind> = new Set(['network', 'timeout', 'aborted']);

/**
 * @example
 * const store = createMediaStore({ download: { allowHosts: ['store.internal:9000'] } });
 * const { media } = await store.load('coins.jpg', 'image');
 */
export function createMediaStore(options: MediaStoreOptions = {}): MediaStore {
  const loaded = new Map<unknown, Promise<LoadedMedia>>();
  return {
    load(source, kind, signal) {
      const key = source instanceof URL ? source.href : source;
      const known = loaded.get(key);
      if (known !== undefined) return known;
      const loading = loadMedia(source, { ...options, kind, signal }).catch((error: unknown) => {
        const isPassing = OcelliError.isInstance(error) && passingKinds.has(error.kind);
        if (isPassing && (typeof source === 'string' || source instanceof URL)) loaded.delete(key);
        throw error;
      });
      loaded.set(key, loading);
      return loading;
    },
  };
}
