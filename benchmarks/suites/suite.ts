/** What a suite is: named questions with their truth, and pictures that are made or read when they are needed. */

import type { ItemRecord } from '../scoring/index.js';

/** Which items of a suite are wanted. */
export interface ItemsWanted {
  /** One of the suite's levels; a suite without levels is asked once, with 0. */
  readonly level: number;
  /** Most items; a suite that has fewer gives what it has. */
  readonly n: number;
  /** 0 to 9,999: another number gives other items, where the suite makes its own. */
  readonly seed: number;
  /** Follow items with their twins, which change one thing. */
  readonly twins: boolean;
  /** `seen`: new scenes in the art, fonts and words that training shows, where the suite makes its own. Default `unseen`. */
  readonly look?: 'unseen' | 'seen';
}

export interface Picture {
  readonly bytes: Uint8Array;
  readonly width?: number;
  readonly height?: number;
  /** Where things lie on it, once it is drawn; for the report. */
  readonly boxes?: NonNullable<ItemRecord['boxes']>;
}

/** A question, and how to come by its picture. */
export interface SuiteItem {
  readonly record: Omit<ItemRecord, 'picture'>;
  /** Pixels, known before the picture is made. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Where the file lies that the picture is read from. */
  readonly path?: string;
  /** Absent: there is nothing to look at. */
  readonly picture?: () => Promise<Picture>;
}

/** A line that was left out, and why; the others are used. */
export interface ItemProblem {
  /** The file's line, from 1, or the item's id. */
  readonly where: string;
  readonly reason: string;
}

export interface SuiteItems {
  readonly items: readonly SuiteItem[];
  readonly problems: readonly ItemProblem[];
}

/**
 * A set of questions under one name. With the same version the same wishes give the same items for ever.
 *
 * A file given to `--suite` exports one as `default` or `suite`.
 */
export interface Suite {
  readonly name: string;
  readonly version: number;
  /** One sentence. */
  readonly description: string;
  /** What made its pictures; compared with what a model was `trainedOn`. Empty: pictures that were made by none of ours. */
  readonly generators: readonly string[];
  /** Empty: it has none. */
  readonly levels: readonly number[];
  readonly subtasks: readonly string[];
  items(wanted: ItemsWanted): Promise<SuiteItems>;
}
