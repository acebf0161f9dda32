/** Pictures by their content: `pictures/<sha256>.png`, written once, and checked against their name whenever they are read. */

import { createHash } from 'node:crypto';
import { access, mkdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { loadMedia, OcelliError, type MediaBytes } from '../../src/index.js';
import { fileProblem } from './file-problem.js';
import { writeWhole } from './write-whole.js';

export interface StoredPicture {
  readonly sha256: string;
  readonly path: string;
}

const endings: readonly (readonly [string, (bytes: Uint8Array) => boolean])[] = [
  ['png', (bytes) => bytes[0] === 0x89 && bytes[1] === 0x50],
  ['jpg', (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8],
  ['webp', (bytes) => text(bytes, 8, 12) === 'WEBP'],
  ['gif', (bytes) => text(bytes, 0, 3) === 'GIF'],
];

function text(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

/** Of pictures and their base64 text together. */
const mostRecentBytes = 64 * 1_048_576;

export class PictureStore {
  readonly #folder: string;
  readonly #mostRecentBytes: number;
  /** Pictures that were read lately, latest last: the next model, wording or repeat asks for them again. */
  readonly #recent = new Map<string, MediaBytes>();
  #recentBytes = 0;
  /** Pictures that are being written, or were: many items share one. */
  readonly #written = new Map<string, Promise<void>>();

  /** @param askedAgain whether pictures are read more than once; if not, what was read is not kept */
  constructor(folder: string, askedAgain = true) {
    this.#folder = folder;
    this.#mostRecentBytes = askedAgain ? mostRecentBytes : 0;
  }

  /** Puts a picture in; one that is there already is not written again. */
  async add(bytes: Uint8Array): Promise<StoredPicture> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const ending = endings.find(([, fits]) => fits(bytes))?.[0] ?? 'bin';
    const path = join(this.#folder, `${sha256}.${ending}`);
    let written = this.#written.get(path);
    if (written === undefined) {
      written = this.#write(path, bytes);
      this.#written.set(path, written);
    }
    await written;
    return { sha256, path };
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true });
    } catch (error) {
      throw fileProblem(this.#folder, error);
    }
    if (!(await exists(path))) await writeWhole(path, bytes);
  }

  /**
   * A picture, ready to be sent any number of times, checked when it is read from the disk.
   *
   * @param path its ending is tried first
   * @throws OcelliError `image-unreadable` where it is gone, is another than its name says, or is no picture
   */
  async read(sha256: string, path?: string): Promise<MediaBytes> {
    const recent = this.#recent.get(sha256);
    if (recent !== undefined) return recent;
    const picture = await this.#readFile(sha256, path === undefined ? '' : extname(path).slice(1));
    this.#remember(picture);
    return picture;
  }

  #remember(picture: MediaBytes): void {
    if (this.#mostRecentBytes === 0 || this.#recent.has(picture.sha256)) return;
    this.#recent.set(picture.sha256, picture);
    this.#recentBytes += bytesKept(picture);
    for (const [oldest, old] of this.#recent) {
      if (this.#recentBytes <= this.#mostRecentBytes) return;
      this.#recent.delete(oldest);
      this.#recentBytes -= bytesKept(old);
    }
  }

  async #readFile(sha256: string, likely: string): Promise<MediaBytes> {
    for (const ending of new Set([likely, ...endings.map(([name]) => name), 'bin'])) {
      const path = join(this.#folder, `${sha256}.${ending}`);
      const bytes = await readFile(path).catch(() => undefined);
      if (bytes === undefined) continue;
      const media = await loadMedia(bytes).then(
        (loaded) => loaded.media,
        (error: unknown) => {
          // The very bytes that were put in are just no picture.
          if (createHash('sha256').update(bytes).digest('hex') === sha256) throw error;
        },
      );
      if (media?.sha256 === sha256) return media;
      throw new OcelliError(
        'image-unreadable',
        `The picture "${path}" is no longer what its name says: its SHA-256 is another. Delete it and run "ocelli bench generate" with the same options.`,
      );
    }
    throw new OcelliError('image-unreadable', `The picture ${sha256} is missing from "${this.#folder}".`);
  }
}

function bytesKept({ bytes }: MediaBytes): number {
  return bytes.byteLength + 4 * Math.ceil(bytes.byteLength / 3);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
