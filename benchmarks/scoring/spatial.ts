/** How places go wrong: which relation is taken for which, mirror errors, and answers that contradict each other. */

import { share } from './counting.js';

/** One answered question of place. */
export interface PlaceAnswer {
  readonly truth: string;
  readonly predicted: string;
}

export interface SpatialMetrics {
  readonly n: number;
  readonly accuracy: number;
  /** Share of answers that are the mirror image of the truth (left for right, above for below, a corner for its neighbour). */
  readonly mirrorErrorRate: number | undefined;
  /** Share of the wrong answers that are. */
  readonly mirrorShareOfErrors: number | undefined;
  /** Counts by truth, then by answer. */
  readonly confusion: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const opposites: readonly (readonly [string, string])[] = [
  ['left', 'right'],
  ['above', 'below'],
  ['top', 'bottom'],
  ['over', 'under'],
  ['in front', 'behind'],
  ['north', 'south'],
  ['east', 'west'],
];

/** A place mirrored along one axis, or along the other. */
function mirrorsOf(place: string): string[] {
  const found: string[] = [];
  for (const [one, other] of opposites)
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      const pattern = new RegExp(`\\b${from}\\b`);
      if (pattern.test(place)) found.push(place.replace(pattern, to));
    }
  return found;
}

/**
 * Whether one answer is the mirror image of the other.
 *
 * @example
 * isMirrorOf('top left', 'top right'); // true
 */
export function isMirrorOf(one: string, other: string): boolean {
  return mirrorsOf(other.toLowerCase()).includes(one.toLowerCase());
}

/**
 * The metrics of place (reference: benchmarks 4.2).
 *
 * @returns undefined for no answers
 * @example
 * spatialMetrics([{ truth: 'left', predicted: 'right' }])?.mirrorErrorRate; // 1
 */
export function spatialMetrics(answers: readonly PlaceAnswer[]): SpatialMetrics | undefined {
  if (answers.length === 0) return undefined;
  const confusion: Record<string, Record<string, number>> = {};
  for (const { truth, predicted } of answers) {
    const row = (confusion[truth] ??= {});
    row[predicted] = (row[predicted] ?? 0) + 1;
  }
  const mirrored = ({ truth, predicted }: PlaceAnswer): boolean => isMirrorOf(predicted, truth);
  return {
    n: answers.length,
    accuracy: share(answers, ({ truth, predicted }) => truth === predicted) ?? 0,
    mirrorErrorRate: share(
      answers.filter(({ truth }) => mirrorsOf(truth.toLowerCase()).length > 0),
      mirrored,
    ),
    mirrorShareOfErrors: share(
      answers.filter(({ truth, predicted }) => truth !== predicted),
      mirrored,
    ),
    confusion,
  };
}

/** One question of a group that has to be answered as a whole. */
export interface GroupedAnswer {
  /** Questions that hang together: a picture and its mirror image, a relation and its inverse. */
  readonly group: string;
  readonly correct: boolean;
}

/**
 * Share of the groups of at least two in which every answer is right: HallusionBench's figure accuracy, What'sUp's pairs. A model that
 * guesses cannot be consistent.
 *
 * @returns undefined where no group has two answers
 * @example
 * groupAccuracy([{ group: 'a', correct: true }, { group: 'a', correct: false }]); // { groups: 1, allRight: 0 }
 */
export function groupAccuracy(
  answers: readonly GroupedAnswer[],
): { readonly groups: number; readonly allRight: number } | undefined {
  const groups = new Map<string, boolean[]>();
  for (const { group, correct } of answers) groups.set(group, [...(groups.get(group) ?? []), correct]);
  const whole = [...groups.values()].filter((list) => list.length > 1);
  const allRight = share(whole, (list) => list.every(Boolean));
  return allRight === undefined ? undefined : { groups: whole.length, allRight };
}
