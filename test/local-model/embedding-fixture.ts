/** The tiny dual encoders of test/fixtures/dual-encoders and what transformers answers with them. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../fixtures/dual-encoders/', import.meta.url));

export interface DualReference {
  readonly pictures: readonly string[];
  readonly texts: readonly string[];
  readonly ids: readonly (readonly number[])[];
  readonly textEmbeddings: readonly (readonly number[])[];
  readonly imageEmbeddings: readonly (readonly number[])[];
  readonly labels: readonly string[];
  readonly template: string;
  /** Per picture, per label. */
  readonly scores: readonly (readonly number[])[];
}

export const dualKinds = ['clip', 'siglip', 'siglip2'] as const;
export type DualKind = (typeof dualKinds)[number];

export function dualFolder(kind: DualKind): string {
  return join(root, kind, 'model');
}

export function dualReference(kind: DualKind): DualReference {
  return JSON.parse(readFileSync(join(root, kind, 'reference', 'reference.json'), 'utf8')) as DualReference;
}
