/** Decoded pixels of formats that sharp does not read. */

/** Rows from top to bottom, samples of 8 bits, red first. */
export interface RawPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
}

/** Pixels that are worked on before timers get their turn: about 2 ms. */
export const pixelsAtOnce = 250_000;

/** Lets the event loop go on. */
export function pause(): Promise<void> {
  return new Promise((settle) => {
    setImmediate(settle);
  });
}
