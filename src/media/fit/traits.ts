/** What readers of single formats find beside type and size. */

/** A stretch of a file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Whether something is there, and whether it can be taken away without decoding the picture. */
export type Removable = 'none' | 'removable' | 'embedded';

/** What the readers of single formats find. */
export interface PictureTraits {
  readonly metadata: Removable;
  readonly animation?: Removable;
  readonly alpha: boolean | 'unknown';
  /** Known from the format alone: a photo goes well into a JPEG, a drawing has few colours. */
  readonly content?: 'photo' | 'drawing';
  readonly isCmyk?: boolean;
  readonly profile?: Uint8Array | undefined;
  /** What is left of the file without metadata and animation. */
  readonly kept?: readonly Span[];
  /** What is filled with zeros where nothing can be cut out, because the format counts offsets from the start of the file. */
  readonly blanked?: readonly Span[];
}
