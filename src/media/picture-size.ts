/** What every reader of a picture's header comes back with. */

/** What a picture's header says of its size. */
export interface PictureSize {
  /** Pixels as stored, before `orientation` is applied. */
  readonly width: number;
  readonly height: number;
  /** How to turn the stored pixels, as in EXIF: 1 (upright) to 8. For AVIF and HEIC it is worked out from the container's own turns. */
  readonly orientation: number;
}
