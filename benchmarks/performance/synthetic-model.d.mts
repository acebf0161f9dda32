/** Types of `synthetic-model.mjs`, for the tests that use it. */

export interface Geometry {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  /** Most tokens. */
  readonly context: number;
  /** 4: `MatMulNBits`, where the width allows it. */
  readonly bits: 4 | 32;
  readonly seed?: number;
}

export declare function writeSyntheticModel(folder: string, base: string, geometry: Geometry): void;
