/** Size and orientation of an AVIF or HEIC picture from the properties of its primary item. */

import { type HeaderBytes, InvalidHeader } from './header-bytes.js';
import type { PictureSize } from './picture-size.js';

/** A box of an ISO media file. */
export interface Box {
  readonly type: string;
  /** Where its content starts, behind size and type. */
  readonly start: number;
  readonly end: number;
}

/** Real files have some hundreds of boxes a level (one property per tile kind, one item per tile). */
const maxBoxes = 20_000;

/**
 * ISO/IEC 23008-12: `meta` holds `pitm` (which item is the picture) and `iprp`, whose `ipco` lists properties and whose `ipma` says
 * which item has which. `ispe` is the size as stored; `irot` and `imir` turn it, in the order in which they are listed. They are
 * what counts: EXIF orientation inside such a file is to be ignored.
 */
export function readHeifHeader(bytes: HeaderBytes): PictureSize {
  const meta = findBox(bytes, 0, bytes.length, 'meta');
  if (meta === undefined) throw new InvalidHeader('it has no description of a still picture');
  const content = meta.start + 4;
  const properties = findBox(bytes, content, meta.end, 'iprp');
  const container = properties && findBox(bytes, properties.start, properties.end, 'ipco');
  if (properties === undefined || container === undefined) throw new InvalidHeader('it has no picture properties');
  const list = [...boxes(bytes, container.start, container.end)];
  const primary = readPrimaryItem(bytes, findBox(bytes, content, meta.end, 'pitm'));
  const association = findBox(bytes, properties.start, properties.end, 'ipma');
  const own =
    primary === undefined || association === undefined
      ? list
      : readAssociations(bytes, association, primary).flatMap((index) => list[index - 1] ?? []);

  const size = own.find((box) => box.type === 'ispe');
  if (size === undefined) throw new InvalidHeader('its picture has no size');
  return {
    width: bytes.u32be(size.start + 4),
    height: bytes.u32be(size.start + 8),
    orientation: toExifOrientation(bytes, own),
  };
}

function readPrimaryItem(bytes: HeaderBytes, box: Box | undefined): number | undefined {
  if (box === undefined) return undefined;
  return bytes.u8(box.start) === 0 ? bytes.u16be(box.start + 4) : bytes.u32be(box.start + 4);
}

/** The property numbers, from 1, of one item. */
function readAssociations(bytes: HeaderBytes, box: Box, item: number): number[] {
  const version = bytes.u8(box.start);
  const wideIndex = (bytes.u8(box.start + 3) & 1) === 1;
  const entries = bytes.u32be(box.start + 4);
  let offset = box.start + 8;
  for (let entry = 0; entry < entries && offset < box.end; entry += 1) {
    const id = version < 1 ? bytes.u16be(offset) : bytes.u32be(offset);
    offset += version < 1 ? 2 : 4;
    const count = bytes.u8(offset);
    offset += 1;
    if (id !== item) {
      offset += count * (wideIndex ? 2 : 1);
      continue;
    }
    // The top bit says that a reader must understand the property; the rest is its number.
    return Array.from({ length: count }, (_, index) =>
      wideIndex ? bytes.u16be(offset + index * 2) & 0x7fff : bytes.u8(offset + index) & 0x7f,
    );
  }
  return [];
}

/** A turn or mirroring as a matrix `[a, b, c, d]` that takes stored (x, y) to shown (ax + by, cx + dy), y downwards. */
type Turn = readonly [number, number, number, number];

// EXIF 2.32, section 4.6.4, orientation 1 to 8, as such matrices.
const exifTurns: readonly string[] = [
  '1,0,0,1',
  '-1,0,0,1',
  '-1,0,0,-1',
  '1,0,0,-1',
  '0,1,1,0',
  '0,-1,1,0',
  '0,-1,-1,0',
  '0,1,-1,0',
];

const quarterTurnAnticlockwise: Turn = [0, 1, -1, 0];
const exchangeTopAndBottom: Turn = [1, 0, 0, -1];
const exchangeLeftAndRight: Turn = [-1, 0, 0, 1];

function toExifOrientation(bytes: HeaderBytes, properties: readonly Box[]): number {
  let turn: Turn = [1, 0, 0, 1];
  for (const box of properties) {
    if (box.type === 'irot') {
      const quarters = bytes.u8(box.start) & 3;
      for (let quarter = 0; quarter < quarters; quarter += 1) turn = after(quarterTurnAnticlockwise, turn);
    } else if (box.type === 'imir') {
      turn = after((bytes.u8(box.start) & 1) === 0 ? exchangeTopAndBottom : exchangeLeftAndRight, turn);
    }
  }
  // Adding 0 turns -0 into 0.
  const index = exifTurns.indexOf(turn.map((value) => value + 0).join(','));
  return index + 1 || 1;
}

function after(second: Turn, first: Turn): Turn {
  const [a, b, c, d] = second;
  const [e, f, g, h] = first;
  return [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h];
}

/** The first box of a type between two offsets. */
export function findBox(bytes: HeaderBytes, start: number, end: number, type: string): Box | undefined {
  for (const box of boxes(bytes, start, end)) if (box.type === type) return box;
  return undefined;
}

/** The boxes between two offsets, one after another, without those inside them. */
export function* boxes(bytes: HeaderBytes, start: number, end: number): Generator<Box> {
  let offset = start;
  for (let count = 0; offset + 8 <= end && offset + 8 <= bytes.length; count += 1) {
    if (count > maxBoxes) throw new InvalidHeader('it has too many boxes');
    const size = bytes.u32be(offset);
    const type = bytes.latin1(offset + 4, 4);
    // Size 1: the real size follows in 64 bits. Size 0: up to the end.
    const headerSize = size === 1 ? 16 : 8;
    const boxSize = size === 1 ? bytes.u64be(offset + 8) : size === 0 ? end - offset : size;
    if (boxSize < headerSize) throw new InvalidHeader('a box has an impossible size');
    yield { type, start: offset + headerSize, end: Math.min(offset + boxSize, end) };
    offset += boxSize;
  }
}
