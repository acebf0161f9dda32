/** A folder of pictures that are headers and little else, and the words that the estimates of these tests share. */

import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePicture, makePngHeader } from '../media/pictures.js';
import type { Said } from './terminal.js';

export const date = ['--date', '2026-11-24'];
export const two = ['--model', 'openai:gpt-4o,anthropic:claude-opus-5', ...date];

/** What `--json` prints. */
export interface Document {
  readonly pictures: readonly Record<string, unknown>[];
  readonly totals: readonly Record<string, unknown>[];
  readonly warnings: readonly { readonly model: string; readonly message: string }[];
  readonly problems: readonly { readonly subject: string; readonly message: string }[];
}

export const documentOf = ({ out }: Said): Document => JSON.parse(out) as Document;

/** @returns the folder, to be removed afterwards */
export async function makeAlbum(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ocelli-cli-'));
  const at = (...names: string[]) => join(folder, ...names);
  await mkdir(at('album', 'deep', '.hidden'), { recursive: true });
  await mkdir(at('empty'));
  await writeFile(at('album', 'a.png'), makePngHeader(1_024, 1_024));
  await writeFile(at('album', 'b.png'), makePngHeader(640, 480));
  await writeFile(at('album', 'deep', 'c.png'), makePngHeader(9_000, 800));
  await writeFile(at('album', 'deep', 'notes.txt'), 'no picture');
  await writeFile(at('album', 'deep', '.hidden', 'd.png'), makePngHeader(1, 1));
  await symlink(at('album'), at('album', 'deep', 'loop'));
  await writeFile(at('turned.jpg'), await makePicture('jpeg', 60, 40, { orientation: 6 }));
  await writeFile(at('broken.png'), makePngHeader(640, 480).subarray(0, 12));
  await writeFile(at('text.png'), 'no picture');
  return folder;
}
