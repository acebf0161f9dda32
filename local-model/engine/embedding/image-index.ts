/** A collection of pictures that can be searched by text or by picture, kept in memory and saved as one file. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OcelliError } from '../../../src/errors/index.js';
import { localModelError, reasonOf } from '../local-model-error.js';
import type { DualEncoder } from './dual-encoder.js';
import { readIndexFile, writeIndexFile } from './index-file.js';
import { VectorTable } from './vector-table.js';

/** A picture for an index: a path of a file or a folder (searched through, pictures only), or bytes under a name of the caller's. */
export type IndexSource = string | { readonly id: string; readonly bytes: Uint8Array };

export interface AddOptions {
  readonly signal?: AbortSignal;
  /** Told of every picture; `error` when it was left out. Default: a picture that cannot be read fails the whole. */
  readonly onPicture?: (id: string, error?: OcelliError) => void;
}

export interface SearchRequest {
  readonly text?: string;
  /** File bytes of a picture. */
  readonly image?: Uint8Array;
  /** Most pictures to find; default 10. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** A picture that was found: its path or the name that the caller gave; the closer to 1 the cosine, the more alike. */
export interface FoundPicture {
  readonly id: string;
  readonly cosine: number;
}

export interface ImageIndex {
  /** Pictures in it. */
  readonly size: number;
  /**
   * Adds pictures; one of a name that is there already takes its place.
   *
   * @throws OcelliError `image-unreadable`, `image-too-large`, `invalid-request` (a path that does not exist), `aborted`, `local-model`
   */
  add(sources: Iterable<IndexSource> | AsyncIterable<IndexSource>, options?: AddOptions): Promise<void>;
  /**
   * Looks at every picture, so the result is exact: tens of milliseconds for 100,000 pictures of 512 numbers each.
   *
   * @throws OcelliError `invalid-request` unless exactly one of `text` and `image` is given
   */
  search(request: SearchRequest): Promise<readonly FoundPicture[]>;
  /** Writes the index to one file with a checksum; the file is replaced only when the new one is whole. */
  save(path: string): Promise<void>;
}

/** What an index needs of a dual encoder. */
export type IndexEncoder = Pick<DualEncoder, 'embed'> & {
  readonly description: Pick<DualEncoder['description'], 'dimension' | 'fingerprint'>;
};

export interface ImageIndexOptions {
  readonly encoder: IndexEncoder;
  /** A file that `save` wrote. Default: an empty index. */
  readonly load?: string;
}

const pictureName = /\.(?:jpe?g|png|webp|gif|avif|tiff?)$/i;
/** Pictures that are embedded together. */
const batchSize = 16;
const defaultLimit = 10;

/**
 * Makes an index of pictures, or loads one that was saved. The index does not close the encoder.
 *
 * @throws OcelliError `local-model` when the file is damaged or was made with another model
 * @example
 * const index = await createImageIndex({ encoder });
 * await index.add(['./holiday']);
 * await index.search({ text: 'a beach at sunset', limit: 3 });
 * await index.save('holiday.index');
 */
export async function createImageIndex(options: ImageIndexOptions): Promise<ImageIndex> {
  const { encoder, load } = options;
  const { dimension, fingerprint } = encoder.description;
  if (load === undefined) return new TableIndex(encoder, new VectorTable(dimension), []);
  const content = await readIndexFile(load);
  if (content.fingerprint !== fingerprint || content.dimension !== dimension) {
    throw localModelError(`The index ${load} was made with another model; its vectors mean nothing to this one.`);
  }
  return new TableIndex(encoder, new VectorTable(dimension, content.rows), content.ids);
}

class TableIndex implements ImageIndex {
  readonly #encoder: IndexEncoder;
  readonly #table: VectorTable;
  readonly #ids: string[];
  readonly #rowOf: Map<string, number>;

  constructor(encoder: IndexEncoder, table: VectorTable, ids: readonly string[]) {
    this.#encoder = encoder;
    this.#table = table;
    this.#ids = [...ids];
    this.#rowOf = new Map(ids.map((id, row) => [id, row]));
  }

  get size(): number {
    return this.#table.count;
  }

  async add(sources: Iterable<IndexSource> | AsyncIterable<IndexSource>, options: AddOptions = {}): Promise<void> {
    let batch: { id: string; bytes: Uint8Array }[] = [];
    for await (const picture of picturesOf(sources)) {
      if (options.signal?.aborted === true) throw new OcelliError('aborted', 'Adding to the index was aborted.');
      batch.push(picture);
      if (batch.length < batchSize) continue;
      await this.#addBatch(batch, options);
      batch = [];
    }
    await this.#addBatch(batch, options);
  }

  async search(request: SearchRequest): Promise<readonly FoundPicture[]> {
    const { text, image, limit = defaultLimit, signal } = request;
    if ((text === undefined) === (image === undefined)) {
      throw new OcelliError('invalid-request', 'A search needs either `text` or `image`.');
    }
    if (!Number.isInteger(limit) || limit < 1) {
      throw new OcelliError('invalid-request', '`limit` must be a whole number from 1.');
    }
    const embeddings = await this.#encoder.embed({
      images: image === undefined ? [] : [image],
      texts: text === undefined ? [] : [text],
      ...(signal === undefined ? {} : { signal }),
    });
    const query = embeddings.images[0] ?? embeddings.texts[0] ?? new Float32Array(this.#table.dimension);
    return this.#table.search(query, limit).map(({ row, cosine }) => ({ id: this.#ids[row] ?? '', cosine }));
  }

  async save(path: string): Promise<void> {
    const { dimension } = this.#table;
    await writeIndexFile(path, {
      fingerprint: this.#encoder.description.fingerprint,
      dimension,
      ids: [...this.#ids],
      rows: this.#table.rows(),
    });
  }

  /** All together; when one of them is broken, one by one, so that the others come in. */
  async #addBatch(batch: readonly { id: string; bytes: Uint8Array }[], options: AddOptions): Promise<void> {
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    if (batch.length === 0) return;
    try {
      const { images } = await this.#encoder.embed({ images: batch.map((picture) => picture.bytes), ...signal });
      batch.forEach(({ id }, place) => this.#put(id, images[place] ?? new Float32Array(this.#table.dimension)));
      for (const { id } of batch) options.onPicture?.(id);
    } catch (error) {
      const isPicture = OcelliError.isInstance(error) && error.kind.startsWith('image-');
      if (!isPicture || options.onPicture === undefined) throw error;
      if (batch.length === 1) options.onPicture(batch[0]?.id ?? '', error);
      else for (const picture of batch) await this.#addBatch([picture], options);
    }
  }

  #put(id: string, vector: Float32Array): void {
    const row = this.#rowOf.get(id);
    if (row !== undefined) {
      this.#table.replace(row, vector);
      return;
    }
    this.#rowOf.set(id, this.#table.add(vector));
    this.#ids.push(id);
  }
}

/** Files are read one after another, as they are needed. */
async function* picturesOf(
  sources: Iterable<IndexSource> | AsyncIterable<IndexSource>,
): AsyncGenerator<{ id: string; bytes: Uint8Array }, void> {
  for await (const source of sources) {
    if (typeof source !== 'string') {
      yield source;
      continue;
    }
    for await (const path of filesOf(source)) yield { id: path, bytes: await readPicture(path) };
  }
}

async function* filesOf(path: string): AsyncGenerator<string, void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new OcelliError('invalid-request', `There is no file or folder ${path}.`);
  if (!found.isDirectory()) {
    yield path;
    return;
  }
  const entries = await readdir(path, { withFileTypes: true });
  entries.sort((first, second) => (first.name < second.name ? -1 : 1));
  // Links are not followed: they may lead in circles.
  for (const entry of entries) {
    const full = join(path, entry.name);
    if (entry.isDirectory()) yield* filesOf(full);
    else if (entry.isFile() && pictureName.test(entry.name)) yield full;
  }
}

async function readPicture(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new OcelliError('image-unreadable', `The picture ${path} cannot be read (${reasonOf(error)}).`);
  }
}
