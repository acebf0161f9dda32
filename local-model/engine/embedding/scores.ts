/** The arithmetic of embeddings: unit vectors, cosines, and how they become scores of labels. */

import type { ScoreKind } from './protocol.js';

/** Scales a vector to length 1, in place; a vector of zeros stays. */
export function toUnit(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum);
  if (length > 0) for (let index = 0; index < vector.length; index++) vector[index] = (vector[index] ?? 0) / length;
  return vector;
}

/** Of two unit vectors. */
export function cosine(first: Float32Array, second: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < first.length; index++) sum += (first[index] ?? 0) * (second[index] ?? 0);
  return sum;
}

/** The middle of several unit vectors, as a unit vector: what a label means over several templates. */
export function middle(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors)
    for (let index = 0; index < sum.length; index++) sum[index] = (sum[index] ?? 0) + (vector[index] ?? 0);
  return toUnit(sum);
}

/** Scores from 0 to 1 of cosines. */
export function scoresOf(cosines: readonly number[], kind: ScoreKind, scale: number, bias: number): readonly number[] {
  const logits = cosines.map((value) => scale * value + bias);
  if (kind === 'sigmoid') return logits.map((logit) => 1 / (1 + Math.exp(-logit)));
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** Puts a label where the template has `{}`. */
export function fillTemplate(template: string, label: string): string {
  return template.split('{}').join(label);
}
