/** What a model family is to the engine: everything that its sessions' own metadata does not tell. */

import type { JsonRecord } from '../json.js';
import type { PixelValues } from '../preprocess.js';
import type { Bitmap } from '../resize.js';

/** The parts of a folder's JSON that a family reads. */
export interface FamilyConfig {
  readonly config: JsonRecord;
  readonly preprocessorConfig: JsonRecord;
  readonly processorConfig: JsonRecord;
}

/** An input of the vision tower before it becomes a tensor. */
export type TowerInput =
  | { readonly type: 'float32'; readonly data: Float32Array; readonly dims: readonly number[] }
  | { readonly type: 'int64'; readonly data: BigInt64Array; readonly dims: readonly number[] }
  | { readonly type: 'bool'; readonly data: Uint8Array; readonly dims: readonly number[] };

/** Rows and columns, of tiles or of visual tokens. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
}

/** A picture as the vision tower and the prompt need it. `width` and `height` are those of one tile. */
export interface PreparedPicture extends PixelValues {
  /** By name; what a graph does not declare is left out. */
  readonly inputs: Readonly<Record<string, TowerInput>>;
  /** Visual tokens that it becomes. */
  readonly tokens: number;
  /** Where it was cut into tiles. */
  readonly tiles?: Grid;
  /** Where positions follow the picture's rows and columns: of its visual tokens. */
  readonly grid?: Grid;
  /** Where answers name places in it: its size before it was resized. */
  readonly shown?: PictureSize;
}

/** How a picture lies in a prompt. */
export type PictureShape = Pick<PreparedPicture, 'tokens' | 'tiles'>;

export interface PictureOptions {
  /** Cut large pictures into tiles, where the family can, or take the finer of its two sizes: more tokens, finer detail, more work. Default false. */
  readonly tiles?: boolean;
}

/** Tokens of a picture in a prompt. */
export interface PictureTokens {
  /** Those that the vision tower fills. */
  readonly visual: number;
  /** Those around them: tile names, beginnings and ends. The tokenizer may join or split a line break of them. */
  readonly markers: number;
}

/** Pixels of a picture. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** `position_ids` of `count` tokens after `past` ones: as many rows one after another as the decoder takes. */
export type Positions = (past: number, count: number) => BigInt64Array;

/** A family bound to one model. */
export interface Family {
  readonly name: string;
  /** Visual tokens of one picture that is not cut into tiles; `undefined` where they depend on its size. */
  readonly imageTokens: number | undefined;
  /** Tokens of a picture by its size alone: what an estimate needs. */
  tokensBySize(size: PictureSize, options?: PictureOptions): PictureTokens;
  preprocess(bitmap: Bitmap, options?: PictureOptions): PreparedPicture;
  /** What stands in the prompt for one picture, given the model's image token. */
  expand(imageToken: string, picture?: PictureShape): string;
  /** How a picture of a size lies in the prompt, where that is more than its number of visual tokens. */
  shapeBySize?(size: PictureSize, options?: PictureOptions): PictureShape;
  /** `position_ids` of new tokens after `past` ones, where they do not depend on pictures. */
  positions(past: number, count: number): BigInt64Array;
  /** Positions of a conversation in which pictures take another way through them than text. */
  positionsOf?(ids: readonly number[], imageTokenId: number, pictures: readonly PreparedPicture[]): Positions;
  /**
   * False when a token also sees those that come after it in the same run: the prompt must then be one run, answers go token by token, and
   * what is remembered of a prompt is of no use to another that begins like it. Default true.
   */
  readonly isCausal?: boolean;
  /** Set when an encoder of its own reads picture and prompt, and the decoder looks across at what it made of them. Default: one decoder reads all. */
  readonly fusion?: 'cross-attention';
}

export type FamilyFactory = (folder: FamilyConfig) => Family;

/** 0, 1, 2 … and on. */
export function countingPositions(past: number, count: number): BigInt64Array {
  return BigInt64Array.from({ length: count }, (_, index) => BigInt(past + index));
}
