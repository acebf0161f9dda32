/** Looks into an AVIF or HEIC file for EXIF and XMP, which are filled with zeros where they stand. */

import { HeaderBytes } from '../header-bytes.js';
import { boxes, findBox, type Box } from '../heif-header.js';
import type { PictureTraits, Span } from './traits.js';

const alphaName = 'urn:mpeg:mpegB:cicp:systems:auxiliary:alpha';
const maxItems = 20_000;

/**
 * Offsets count from the start of the file, so that nothing is cut out. Turns are the container's own, which every decoder obeys, and
 * its profile stays: without a decoder for HEIC at hand these are no reason to refuse it. Layouts: ISO/IEC 14496-12, section 8.11.
 */
export function readHeifTraits(bytes: Uint8Array): PictureTraits {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const file = new HeaderBytes(bytes);
  const isSequence = ['avis', 'hevc', 'msf1'].includes(view.toString('latin1', 8, 12));
  try {
    const meta = findBox(file, 0, file.length, 'meta');
    if (meta === undefined) return { metadata: 'none', alpha: 'unknown' };
    const blanked = metadataSpans(file, meta).filter(({ start, end }) =>
      view.subarray(start, end).some((byte) => byte !== 0),
    );
    return {
      metadata: blanked.length > 0 ? 'removable' : 'none',
      animation: isSequence ? 'embedded' : 'none',
      alpha: view.subarray(meta.start, meta.end).includes(alphaName, 0, 'latin1'),
      content: 'photo',
      blanked,
    };
  } catch {
    // What cannot be followed is decoded and written anew.
    return { metadata: 'embedded', alpha: 'unknown', content: 'photo' };
  }
}

function metadataSpans(file: HeaderBytes, meta: Box): Span[] {
  const content = meta.start + 4;
  const information = findBox(file, content, meta.end, 'iinf');
  const locations = findBox(file, content, meta.end, 'iloc');
  if (information === undefined || locations === undefined) return [];
  const items = new Set<number>();
  const first = information.start + (file.u8(information.start) === 0 ? 6 : 8);
  for (const entry of boxes(file, first, information.end)) {
    const version = file.u8(entry.start);
    if (entry.type !== 'infe' || version < 2) continue;
    const wide = version > 2;
    const typeAt = entry.start + (wide ? 10 : 8);
    const type = file.latin1(typeAt, 4);
    const isXmp = type === 'mime' && file.latin1(typeAt, entry.end - typeAt).includes('application/rdf+xml');
    if (type === 'Exif' || isXmp) items.add(wide ? file.u32be(entry.start + 4) : file.u16be(entry.start + 4));
  }
  return items.size === 0 ? [] : locate(file, locations, items, findBox(file, content, meta.end, 'idat'));
}

/** Reads numbers of 0, 2, 4 or 8 bytes one after another. */
class Reader {
  constructor(
    private readonly file: HeaderBytes,
    public offset: number,
  ) {}

  next(size: number): number {
    const at = this.offset;
    this.offset += size;
    if (size === 2) return this.file.u16be(at);
    if (size === 4) return this.file.u32be(at);
    return size === 8 ? this.file.u64be(at) : 0;
  }
}

function locate(file: HeaderBytes, box: Box, wanted: ReadonlySet<number>, data: Box | undefined): Span[] {
  const version = file.u8(box.start);
  const sizes = file.u16be(box.start + 4);
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexSize = version === 0 ? 0 : sizes & 15;
  const reader = new Reader(file, box.start + 6);
  const idSize = version === 2 ? 4 : 2;
  const spans: Span[] = [];
  let total = 0;
  const count = Math.min(reader.next(idSize), maxItems);
  for (let item = 0; item < count; item += 1) {
    const id = reader.next(idSize);
    // 0: offsets from the start of the file; 1: from the start of the `idat` box.
    const method = version === 0 ? 0 : reader.next(2) & 15;
    reader.next(2);
    const base = reader.next(baseSize) + (method === 1 ? (data?.start ?? 0) : 0);
    const extents = reader.next(2);
    for (let extent = 0; extent < extents; extent += 1) {
      reader.next(indexSize);
      const start = base + reader.next(offsetSize);
      const length = reader.next(lengthSize);
      if (!wanted.has(id)) continue;
      spans.push({ start, end: Math.min(start + length, file.length) });
      total += length;
      if (total > file.length) throw new RangeError('items lie over one another');
    }
  }
  return spans;
}
