/** Looks into a JPEG's segments, and takes those about the picture away without touching a pixel. */

import type { PictureTraits, Span } from './traits.js';

interface Segment extends Span {
  readonly marker: number;
}

/** Real headers have some dozens; an ICC profile has up to 255. */
const maxSegments = 5_000;
/** One byte in 256 of coded pixels is 0xff: a photo of 64 MB has a quarter of a million. */
const maxMarks = 2_000_000;
/** Some cameras fill up with zeros. */
const paddingBytes = 65_536;

/**
 * What EXIF (APP1), XMP (APP1), IPTC (APP13) and pictures behind the picture (which have their own EXIF) say of it counts as metadata.
 * Segment layouts: ITU T.81, annex B; ICC.1:2022, annex B.4; CIPA DC-007 for `MPF`.
 */
export function readJpegTraits(bytes: Uint8Array): PictureTraits {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments = headerSegments(view);
  const scan = segments?.at(-1);
  if (segments === undefined || scan === undefined) return { metadata: 'embedded', content: 'photo', alpha: false };
  const end = endOfPicture(view, scan.start);
  if (end === undefined) return { metadata: 'embedded', content: 'photo', alpha: false };
  const isAbout = ({ marker, start }: Segment): boolean =>
    marker === 0xe1 || marker === 0xed || (marker === 0xe2 && hasName(view, start, 'MPF\0'));
  const hasTail = view.length - end > paddingBytes || view.subarray(end).some((byte) => byte !== 0);
  const hasMetadata = segments.some(isAbout) || hasTail;
  const frame = segments.find(({ marker }) => isFrameHeader(marker));
  return {
    metadata: hasMetadata ? 'removable' : 'none',
    content: 'photo',
    alpha: false,
    isCmyk: frame !== undefined && view[frame.start + 9] === 4,
    profile: profileOf(view, segments),
    // JFIF, ICC and Adobe's colour transform are needed to show the picture; nothing else of the application segments is.
    kept: [
      { start: 0, end: 2 },
      ...segments.slice(0, -1).filter((segment) => isNeeded(view, segment)),
      { start: scan.start, end },
    ],
  };
}

function isNeeded(view: Buffer, { marker, start }: Segment): boolean {
  if (marker === 0xe0) return hasName(view, start, 'JFIF\0');
  if (marker === 0xe2) return hasName(view, start, 'ICC_PROFILE\0');
  if (marker === 0xee) return hasName(view, start, 'Adobe');
  return !(marker >= 0xe0 && marker <= 0xef) && marker !== 0xfe;
}

function hasName(view: Buffer, start: number, name: string): boolean {
  return view.toString('latin1', start + 4, start + 4 + name.length) === name;
}

function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** The segments up to the first scan, which is the last of them; `undefined` for a header that cannot be followed. */
function headerSegments(view: Buffer): Segment[] | undefined {
  const segments: Segment[] = [];
  let offset = 2;
  while (offset + 4 <= view.length && segments.length < maxSegments) {
    if (view[offset] !== 0xff) return undefined;
    const marker = view[offset + 1] ?? 0;
    if (marker === 0xff) offset += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) offset += 2;
    else {
      const end = offset + 2 + view.readUInt16BE(offset + 2);
      segments.push({ marker, start: offset, end });
      if (marker === 0xda) return segments;
      offset = end;
    }
  }
  return undefined;
}

/**
 * Behind the end mark that belongs to the picture; a thumbnail's or a second picture's may come later. `undefined` for a file that
 * would take long to follow.
 */
function endOfPicture(view: Buffer, scanStart: number): number | undefined {
  let offset = scanStart;
  for (let marks = 0; marks < maxMarks && offset + 1 < view.length; marks += 1) {
    const marker = view[offset + 1] ?? 0;
    if (marker === 0xd9) return offset + 2;
    // Within coded pixels 0xff is followed by 0, by a restart mark or by another 0xff; anything else is a marker again.
    if (marker === 0x00 || marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) offset += 1;
    else if (offset + 4 > view.length) return view.length;
    else offset += 2 + view.readUInt16BE(offset + 2);
    offset = view.indexOf(0xff, offset);
    if (offset === -1) return view.length;
  }
  return offset + 1 < view.length ? undefined : view.length;
}

/** A profile over 64 kB is in several segments, numbered from 1. */
function profileOf(view: Buffer, segments: readonly Segment[]): Uint8Array | undefined {
  const pieces = segments
    .filter(({ marker, start }) => marker === 0xe2 && hasName(view, start, 'ICC_PROFILE\0'))
    .sort((first, second) => (view[first.start + 16] ?? 0) - (view[second.start + 16] ?? 0));
  if (pieces.length === 0) return undefined;
  return Buffer.concat(pieces.map(({ start, end }) => view.subarray(start + 18, end)));
}
