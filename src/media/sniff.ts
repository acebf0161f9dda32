/** Finds the media type in the first bytes, because names and declared types are often wrong. */

import { findSvgTag } from './svg-header.js';

/** ISO base media brands (registered at mp4ra.org) by what they say the file is. */
const avifBrands = ['avif', 'avis'];
const heicBrands = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'];
const heifBrands = ['mif1', 'mif2', 'msf1', 'miaf'];
const m4aBrands = ['M4A ', 'M4B ', 'M4P '];
const mp4Brand =
  /^(?:isom|iso[2-9a-c]|mp4[12]|mp71|avc1|hvc1|dash|M4V |M4VH|M4VP|MSNV|f4v |3g[p2].|mmp4|qt {2}|cmf[cs2])$/;

/**
 * The media type of a file by its first bytes, or `undefined` when it is none that is known.
 * Never throws; 64 kB of a file are enough for it.
 *
 * Known: JPEG, PNG, GIF, WebP, AVIF, HEIC, HEIF, BMP, TIFF, SVG; PDF; WAV, MP3, AAC, FLAC, OGG, M4A; MP4, MOV, WebM, Matroska.
 *
 * @example
 * sniffMediaType(await readFile('photo.png')); // 'image/jpeg', whatever the name says
 */
export function sniffMediaType(bytes: Uint8Array): string | undefined {
  return sniffPicture(bytes) ?? sniffContainer(bytes) ?? sniffSound(bytes) ?? sniffText(bytes);
}

function sniffPicture(bytes: Uint8Array): string | undefined {
  if (startsWith(bytes, 0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (startsWith(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
  const six = ascii(bytes, 0, 6);
  if (six === 'GIF87a' || six === 'GIF89a') return 'image/gif';
  // Little and big endian, classic (42) and BigTIFF (43).
  if (/^(?:II[*+]\0|MM\0[*+])/.test(six)) return 'image/tiff';
  if (six.startsWith('BM') && isBmp(bytes)) return 'image/bmp';
  return undefined;
}

/** "BM" also begins texts, so the size of the second header must be one that exists. */
function isBmp(bytes: Uint8Array): boolean {
  const headerSize = (bytes[14] ?? 0) | ((bytes[15] ?? 0) << 8) | ((bytes[16] ?? 0) << 16);
  return [12, 16, 40, 52, 56, 64, 108, 124].includes(headerSize);
}

function sniffContainer(bytes: Uint8Array): string | undefined {
  const four = ascii(bytes, 0, 4);
  if (four === 'RIFF' || four === 'RF64') {
    const form = ascii(bytes, 8, 4);
    return form === 'WEBP' ? 'image/webp' : form === 'WAVE' ? 'audio/wav' : undefined;
  }
  if (startsWith(bytes, 0x1a, 0x45, 0xdf, 0xa3)) return sniffMatroska(bytes);
  const box = ascii(bytes, 4, 4);
  if (box === 'ftyp') return sniffBrands(bytes);
  // QuickTime files from before there was an ftyp box.
  if (box === 'moov' || box === 'wide' || (box === 'mdat' && (bytes[0] ?? 1) < 2)) return 'video/quicktime';
  return undefined;
}

function sniffBrands(bytes: Uint8Array): string | undefined {
  const boxSize = ((bytes[0] ?? 0) << 24) | ((bytes[1] ?? 0) << 16) | ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  const major = ascii(bytes, 8, 4);
  const brands = [major];
  // A list of 64 brands is longer than any real one.
  for (let place = 16; place + 4 <= Math.min(boxSize, bytes.length, 272); place += 4)
    brands.push(ascii(bytes, place, 4));
  const has = (wanted: readonly string[]): boolean => brands.some((brand) => wanted.includes(brand));

  if (avifBrands.includes(major)) return 'image/avif';
  if (heicBrands.includes(major)) return 'image/heic';
  if (heifBrands.includes(major)) return has(avifBrands) ? 'image/avif' : has(heicBrands) ? 'image/heic' : 'image/heif';
  if (major === 'qt  ') return 'video/quicktime';
  if (has(m4aBrands)) return 'audio/mp4';
  if (brands.some((brand) => mp4Brand.test(brand))) return 'video/mp4';
  if (has(avifBrands)) return 'image/avif';
  if (has(heicBrands)) return 'image/heic';
  return has(heifBrands) ? 'image/heif' : undefined;
}

/** The document type of an EBML header is a short text within its first bytes. */
function sniffMatroska(bytes: Uint8Array): string | undefined {
  const header = ascii(bytes, 0, 96);
  if (header.includes('webm')) return 'video/webm';
  return header.includes('matroska') ? 'video/x-matroska' : undefined;
}

function sniffSound(bytes: Uint8Array): string | undefined {
  const four = ascii(bytes, 0, 4);
  if (four === 'fLaC') return 'audio/flac';
  if (four === 'OggS') return ascii(bytes, 0, 128).includes('theora') ? 'video/ogg' : 'audio/ogg';
  if (four.startsWith('ID3') && (bytes[3] ?? 0xff) < 0xff) return 'audio/mpeg';
  // AAC in ADTS frames: sync, and a layer of 00.
  if (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xf6) === 0xf0) return isAdts(bytes) ? 'audio/aac' : undefined;
  const frame = mp3FrameSize(bytes, 0);
  if (frame === undefined) return undefined;
  // One sync word can be chance; a second one where the first frame ends is not.
  return bytes.length < frame + 4 || mp3FrameSize(bytes, frame) !== undefined ? 'audio/mpeg' : undefined;
}

function isAdts(bytes: Uint8Array): boolean {
  const rateIndex = ((bytes[2] ?? 0xff) >> 2) & 0x0f;
  const size = (((bytes[3] ?? 0) & 3) << 11) | ((bytes[4] ?? 0) << 3) | ((bytes[5] ?? 0) >> 5);
  if (rateIndex > 12 || size < 7) return false;
  return bytes.length < size + 2 || (bytes[size] === 0xff && ((bytes[size + 1] ?? 0) & 0xf6) === 0xf0);
}

// ISO/IEC 11172-3 and 13818-3, layer III and II bit rates in kbit/s by index.
const layer3Rates = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const layer2Rates = [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
const lowRates = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const sampleRates = [44_100, 48_000, 32_000];

/** Bytes of the MPEG audio frame (layer II or III) that starts here, or `undefined` when none does. */
function mp3FrameSize(bytes: Uint8Array, at: number): number | undefined {
  const [, second = 0, third = 0] = bytes.subarray(at, at + 4);
  if (bytes[at] !== 0xff || bytes.length < at + 4 || (second & 0xe0) !== 0xe0) return undefined;
  const version = (second >> 3) & 3; // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const layer = (second >> 1) & 3; // 1: III, 2: II
  const sampleRate = sampleRates[(third >> 2) & 3];
  if (version === 1 || (layer !== 1 && layer !== 2) || sampleRate === undefined) return undefined;
  const rates = version !== 3 ? lowRates : layer === 1 ? layer3Rates : layer2Rates;
  const rate = rates[third >> 4];
  if (rate === undefined || rate === 0) return undefined;
  const divisor = version === 3 ? 1 : version === 2 ? 2 : 4;
  const samplesPerByte = version !== 3 && layer === 1 ? 72 : 144;
  return Math.floor((samplesPerByte * rate * 1_000 * divisor) / sampleRate) + ((third >> 1) & 1);
}

function sniffText(bytes: Uint8Array): string | undefined {
  const start = startsWith(bytes, 0xef, 0xbb, 0xbf) ? 3 : 0;
  if (/^\s*%PDF-/.test(ascii(bytes, start, 64))) return 'application/pdf';
  return findSvgTag(bytes) === undefined ? undefined : 'image/svg+xml';
}

function startsWith(bytes: Uint8Array, ...values: readonly number[]): boolean {
  return bytes.length >= values.length && values.every((value, index) => bytes[index] === value);
}

function ascii(bytes: Uint8Array, start: number, size: number): string {
  let text = '';
  const end = Math.min(start + size, bytes.length);
  for (let place = start; place < end; place += 1) text += String.fromCharCode(bytes[place] ?? 0);
  return text;
}
