/** Decodes BMP, which sharp does not read. */

import { OcelliError } from '../../errors/index.js';
import { pause, pixelsAtOnce, type RawPicture } from './raw-picture.js';

interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Rows go downwards; they go upwards in most files. */
  readonly topDown: boolean;
  readonly bits: number;
  readonly pixels: number;
  readonly palette: Uint8Array;
  /** Red, green, blue and alpha; 0 where there is none. */
  readonly masks: readonly [number, number, number, number];
}

/** Writes the pixel that starts at `row + x` to `out`. */
type ReadPixel = (row: number, x: number, out: Uint8Array, at: number) => void;

/**
 * Uncompressed BMP of 1 to 32 bits, with masks or a palette.
 *
 * @throws OcelliError `image-unreadable` for the run-length kinds, which hardly exist any more, and for files that are cut off
 */
export async function decodeBmp(bytes: Uint8Array): Promise<RawPicture> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readHeader(view);
  const { width, height, bits, pixels, topDown } = header;
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  if (pixels + rowBytes * height > view.length) throw broken('its pixels are not all there');
  const hasAlpha = header.masks[3] !== 0;
  const channels = hasAlpha ? 4 : 3;
  const data = Buffer.alloc(width * height * channels);
  const readPixel = pixelReader(view, header);
  let sincePause = 0;
  for (let y = 0; y < height; y += 1) {
    const row = pixels + rowBytes * (topDown ? y : height - 1 - y);
    let at = y * width * channels;
    for (let x = 0; x < width; x += 1, at += channels) readPixel(row, x, data, at);
    sincePause += width;
    if (sincePause > pixelsAtOnce) {
      sincePause = 0;
      await pause();
    }
  }
  return { width, height, channels, data };
}

function broken(reason: string): OcelliError {
  return new OcelliError(
    'image-unreadable',
    `The BMP picture could not be decoded: ${reason}. Save it as PNG and retry.`,
  );
}

/** Layouts: the headers of 12, 40, 52, 56, 108 and 124 bytes of Windows' BITMAPINFO structures. */
function readHeader(view: Buffer): BmpHeader {
  if (view.length < 54) throw broken('its header is cut off');
  const pixels = view.readUInt32LE(10);
  const size = view.readUInt32LE(14);
  const isOld = size === 12;
  const width = isOld ? view.readUInt16LE(18) : view.readInt32LE(18);
  const signedHeight = isOld ? view.readUInt16LE(20) : view.readInt32LE(22);
  const bits = view.readUInt16LE(isOld ? 24 : 28);
  const compression = isOld ? 0 : view.readUInt32LE(30);
  if (![1, 2, 4, 8, 16, 24, 32].includes(bits)) throw broken(`it has ${bits} bits a pixel`);
  // 0: none, 3 and 6: none, with masks.
  if (![0, 3, 6].includes(compression)) throw broken('it is compressed');
  const hasMasks = compression !== 0 && (bits === 16 || bits === 32);
  const maskCount = compression === 6 || size >= 56 ? 4 : 3;
  if (hasMasks && view.length < 54 + maskCount * 4) throw broken('its header is cut off');
  const mask = (index: number): number => (index < maskCount ? view.readUInt32LE(54 + index * 4) : 0);
  const plain = bits === 16 ? ([0x7c00, 0x3e0, 0x1f, 0] as const) : ([0xff0000, 0xff00, 0xff, 0] as const);
  return {
    width,
    height: Math.abs(signedHeight),
    topDown: signedHeight < 0,
    bits,
    pixels,
    palette: bits <= 8 ? readPalette(view, size, bits, isOld) : new Uint8Array(),
    masks: hasMasks ? [mask(0), mask(1), mask(2), mask(3)] : plain,
  };
}

/** 256 colours, red first; those that the file does not have are black. */
function readPalette(view: Buffer, headerSize: number, bits: number, isOld: boolean): Uint8Array {
  const palette = new Uint8Array(256 * 3);
  const entryBytes = isOld ? 3 : 4;
  const start = 14 + headerSize;
  for (let index = 0; index < 2 ** bits; index += 1) {
    const entry = start + index * entryBytes;
    palette.set([view[entry + 2] ?? 0, view[entry + 1] ?? 0, view[entry] ?? 0], index * 3);
  }
  return palette;
}

function pixelReader(view: Buffer, { bits, palette, masks }: BmpHeader): ReadPixel {
  if (bits <= 8) {
    const perByte = 8 / bits;
    return (row, x, out, at) => {
      const byte = view[row + Math.floor(x / perByte)] ?? 0;
      const index = ((byte >> (8 - bits - (x % perByte) * bits)) & (2 ** bits - 1)) * 3;
      out[at] = palette[index] ?? 0;
      out[at + 1] = palette[index + 1] ?? 0;
      out[at + 2] = palette[index + 2] ?? 0;
    };
  }
  if (bits === 24) {
    return (row, x, out, at) => {
      const from = row + x * 3;
      out[at] = view[from + 2] ?? 0;
      out[at + 1] = view[from + 1] ?? 0;
      out[at + 2] = view[from] ?? 0;
    };
  }
  const [red, green, blue, alpha] = masks.map(toSample);
  return (row, x, out, at) => {
    const value = bits === 16 ? view.readUInt16LE(row + x * 2) : view.readUInt32LE(row + x * 4);
    out[at] = red?.(value) ?? 0;
    out[at + 1] = green?.(value) ?? 0;
    out[at + 2] = blue?.(value) ?? 0;
    if (masks[3] !== 0) out[at + 3] = alpha?.(value) ?? 255;
  };
}

/** Takes the bits of a mask out of a pixel and stretches them to 8 bits. */
function toSample(mask: number): (value: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const largest = mask >>> shift;
  return (value) => Math.round((((value & mask) >>> shift) * 255) / largest);
}
