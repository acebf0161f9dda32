/** Pictures by their content: `pictures/<sha256>.png`, written once, and checked against their name whenever they are read. */

import { createHash } from 'node:crypto';
import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OcelliError } from '../../src/index.js';
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

const mostRecentBytes = 32 * 1_048_576;

export class PictureStore {
  readonly #folder: string;
  /** Pictures that were read lately, latest last: the next model, wording or repeat asks for them again. */
  readonly #recent = new Map<string, Uint8Array>();
  #recentBytes = 0;
  /** Pictures that are being written, or were: many items share one. */
  readonly #written = new Map<string, Promise<void>>();

  constructor(folder: string) {
    this.#folder = folder;
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
   * The bytes of a picture, checked when they are read from the disk.
   *
   * @throws OcelliError `image-unreadable` where it is gone, or is another than its name says
   */
  async read(sha256: string): Promise<Uint8Array> {
    const recent = this.#recent.get(sha256);
    if (recent !== undefined) return recent;
    const bytes = await this.#readFile(sha256);
    this.#remember(sha256, bytes);
    return bytes;
  }

  #remember(sha256: string, bytes: Uint8Array): void {
    if (this.#recent.has(sha256)) return;
    this.#recent.set(sha256, bytes);
    this.#recentBytes += bytes.byteLength;
    for (const [oldest, old] of this.#recent) {
      if (this.#recentBytes <= mostRecentBytes) return;
      this.#recent.delete(oldest);
      this.#recentBytes -= old.byteLength;
    }
  }

  async #readFile(sha256: string): Promise<Uint8Array> {
    for (const [ending] of [...endings, ['bin'] as const]) {
      const path = join(this.#folder, `${sha256}.${ending}`);
      const bytes = await readFile(path).catch(() => undefined);
      if (bytes === undefined) continue;
      if (createHash('sha256').update(bytes).digest('hex') === sha256) return bytes;
      throw new OcelliError(
        'image-unreadable',
        `The picture "${path}" is no longer what its name says: its SHA-256 is another. Delete it and run "ocelli bench generate" with the same options.`,
      );
    }
    throw new OcelliError('image-unreadable', `The picture ${sha256} is missing from "${this.#folder}".`);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
