/** Makes small real pictures for the tests of this room, with sharp where it can write the format and by hand elsewhere. */

import sharp from 'sharp';

export type SharpFormat = 'jpeg' | 'png' | 'gif' | 'webp' | 'avif' | 'tiff';

/** A picture with a pattern, or with noise that cannot be compressed. */
export function makePicture(
  format: SharpFormat,
  width: number,
  height: number,
  options: { orientation?: number; lossless?: boolean; alpha?: boolean; noise?: boolean } = {},
): Promise<Buffer> {
  const channels = options.alpha === true ? 4 : 3;
  const pixels = Buffer.alloc(width * height * channels, 200);
  let random = 1;
  for (let place = 0; place < pixels.length; place += 1) {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    pixels[place] = options.noise === true ? random >> 16 : (place * 7) % 251;
  }
  let picture = sharp(pixels, { raw: { width, height, channels } });
  if (options.orientation !== undefined) picture = picture.withMetadata({ orientation: options.orientation });
  if (format === 'webp' && options.lossless === true) return picture.webp({ lossless: true }).toBuffer();
  if (format === 'avif') return picture.avif({ effort: 0 }).toBuffer();
  return picture.toFormat(format).toBuffer();
}

/** A Windows bitmap of 24 bits a pixel; rows downwards when the height is negative. */
export function makeBmp(width: number, height: number): Buffer {
  const rowBytes = Math.ceil((width * 3) / 4) * 4;
  const bmp = Buffer.alloc(54 + rowBytes * Math.abs(height), 0x80);
  bmp.fill(0, 0, 54);
  bmp.write('BM', 0, 'latin1');
  bmp.writeUInt32LE(bmp.length, 2);
  bmp.writeUInt32LE(54, 10);
  bmp.writeUInt32LE(40, 14);
  bmp.writeInt32LE(width, 18);
  bmp.writeInt32LE(height, 22);
  bmp.writeUInt16LE(1, 26);
  bmp.writeUInt16LE(24, 28);
  return bmp;
}

function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

/** The boxes of a HEIC or AVIF file without coded pixels: file type, one primary item, its properties. */
export function makeHeif(options: {
  major: string;
  compatible?: readonly string[];
  width: number;
  height: number;
  /** Quarter turns anticlockwise. */
  turns?: number;
  /** 0 exchanges top and bottom, 1 left and right; applied after the turns. */
  mirror?: 0 | 1;
}): Buffer {
  const fileType = box(
    'ftyp',
    Buffer.from(options.major, 'latin1'),
    Buffer.alloc(4),
    Buffer.from((options.compatible ?? []).join(''), 'latin1'),
  );
  const size = Buffer.alloc(12);
  size.writeUInt32BE(options.width, 4);
  size.writeUInt32BE(options.height, 8);
  const thumbnail = Buffer.alloc(12);
  thumbnail.writeUInt32BE(16, 4);
  thumbnail.writeUInt32BE(12, 8);
  const properties = [box('ispe', thumbnail), box('ispe', size)];
  if (options.turns !== undefined) properties.push(box('irot', Buffer.from([options.turns])));
  if (options.mirror !== undefined) properties.push(box('imir', Buffer.from([options.mirror])));
  // Item 1 is a thumbnail with property 1; item 2 is the picture with all others.
  const own = properties.slice(1).map((_, index) => 0x80 | (index + 2));
  const association = Buffer.from([0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 1, 1, 0, 2, own.length, ...own]);
  const primary = Buffer.from([0, 0, 0, 0, 0, 2]);
  const description = box('iprp', box('ipco', ...properties), box('ipma', association));
  return Buffer.concat([fileType, box('meta', Buffer.alloc(4), box('pitm', primary), description), box('mdat')]);
}

/** A PNG of 67 bytes whose header claims any size. */
export function makePngHeader(width: number, height: number): Buffer {
  const header = Buffer.from('89504e470d0a1a0a0000000d49484452' + '00'.repeat(8) + '080200000000000000', 'hex');
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  const data = Buffer.from('0000000a49444154789c636000000002000100000000', 'hex');
  const end = Buffer.from('0000000049454e44ae426082', 'hex');
  return Buffer.concat([header, data, end]);
}

/** A short sound: 0.01 s of silence. */
export function makeWav(): Buffer {
  const wav = Buffer.alloc(44 + 160);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(8_000, 24);
  wav.writeUInt32LE(16_000, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(160, 40);
  return wav;
}

export const pdf = Buffer.from('%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n1 0 obj\n<<>>\nendobj\n%%EOF\n', 'latin1');
