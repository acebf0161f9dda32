import { describe, expect, it } from 'vitest';
import { sniffMediaType } from '../../src/media/entry.js';
import { describeContent } from '../../src/media/describe-content.js';
import { makeBmp, makeHeif, makePicture, makeWav, pdf, type SharpFormat } from './pictures.js';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const ftyp = (major: string, ...compatible: string[]): Buffer => {
  const head = Buffer.alloc(16 + compatible.length * 4);
  head.writeUInt32BE(head.length, 0);
  head.write(`ftyp${major}`, 4, 'latin1');
  head.write(compatible.join(''), 16, 'latin1');
  return head;
};
/** Two MPEG 1 layer III frames of 128 kbit/s at 44.1 kHz, 417 bytes each. */
const mp3Frames = Buffer.alloc(834);
for (const start of [0, 417]) mp3Frames.set([0xff, 0xfb, 0x90, 0x00], start);
const ebml = (type: string): Buffer =>
  Buffer.concat([Buffer.from('1a45dfa39f4286810142f7810142f2810442f38108428288', 'hex'), latin1(type)]);

describe('the media type is found in the bytes', () => {
  it.each<[SharpFormat, string]>([
    ['jpeg', 'image/jpeg'],
    ['png', 'image/png'],
    ['gif', 'image/gif'],
    ['webp', 'image/webp'],
    ['avif', 'image/avif'],
    ['tiff', 'image/tiff'],
  ])('of a real %s', async (format, mediaType) => {
    expect(sniffMediaType(await makePicture(format, 8, 8))).toBe(mediaType);
  });

  it.each<[string, Buffer, string]>([
    ['GIF87a', latin1('GIF87a\x01\x00\x01\x00'), 'image/gif'],
    ['BMP', makeBmp(3, 2), 'image/bmp'],
    ['big-endian TIFF', latin1('MM\0*\0\0\0\x08'), 'image/tiff'],
    ['BigTIFF', latin1('II+\0\x08\0\0\0'), 'image/tiff'],
    ['PDF', pdf, 'application/pdf'],
    ['PDF behind a byte order mark', latin1('\xef\xbb\xbf%PDF-1.4'), 'application/pdf'],
    ['WAV', makeWav(), 'audio/wav'],
    ['MP3 with ID3', latin1('ID3\x04\0\0\0\0\0\0'), 'audio/mpeg'],
    ['MP3 frames', mp3Frames, 'audio/mpeg'],
    ['FLAC', latin1('fLaC\0\0\0\x22'), 'audio/flac'],
    ['OGG', latin1('OggS\0\x02\0\0\0\0\0\0\0\0\x01vorbis'), 'audio/ogg'],
    ['OGG with video', latin1('OggS\0\x02\0\0\0\0\0\0\0\0\x80theora'), 'video/ogg'],
    ['M4A', ftyp('M4A ', 'isom'), 'audio/mp4'],
    ['MP4', ftyp('isom', 'iso2', 'avc1', 'mp41'), 'video/mp4'],
    ['MP4 of mp42', ftyp('mp42'), 'video/mp4'],
    ['MOV', ftyp('qt  '), 'video/quicktime'],
    ['WebM', ebml('webm'), 'video/webm'],
    ['Matroska', ebml('matroska'), 'video/x-matroska'],
  ])('of %s', (_name, bytes, mediaType) => {
    expect(sniffMediaType(bytes)).toBe(mediaType);
  });

  it.each<[string, string[], string]>([
    ['heic', ['mif1', 'heic'], 'image/heic'],
    ['heix', ['mif1', 'heix'], 'image/heic'],
    ['hevc', ['msf1', 'hevc'], 'image/heic'],
    ['mif1', ['mif1', 'heic'], 'image/heic'],
    ['mif1', ['mif1', 'avif'], 'image/avif'],
    ['msf1', ['hevc'], 'image/heic'],
    ['mif1', ['mif1'], 'image/heif'],
    ['avif', ['mif1', 'miaf'], 'image/avif'],
    ['avis', ['msf1'], 'image/avif'],
  ])('of a picture of brand %s with %j', (major, compatible, mediaType) => {
    expect(sniffMediaType(makeHeif({ major, compatible, width: 4, height: 4 }))).toBe(mediaType);
  });

  it.each<[string, string]>([
    ['bare', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['with a declaration', '<?xml version="1.0"?>\n<svg width="1">'],
    [
      'with blanks, comments and a doctype',
      ' \n<!-- a > b --><!DOCTYPE svg [<!ENTITY a "b>c">]>\r\n<!-- more --> <svg >',
    ],
    ['with a namespace prefix', '<svg:svg xmlns:svg="http://www.w3.org/2000/svg">'],
  ])('of an SVG %s', (_name, text) => {
    expect(sniffMediaType(Buffer.from(text))).toBe('image/svg+xml');
    expect(sniffMediaType(Buffer.from(`\ufeff${text}`))).toBe('image/svg+xml');
    expect(sniffMediaType(Buffer.from(`\ufeff${text}`, 'utf16le'))).toBe('image/svg+xml');
  });

  it.each<[string, Buffer]>([
    ['text that begins with BM', latin1('BMW builds cars and motorcycles in Munich.')],
    ['text that mentions svg', latin1('<p>An <svg> element</p>')],
    ['an element whose name only begins with svg', latin1('<svgfoo>')],
    ['a web page', latin1('<!doctype html><html><body><svg></svg></body></html>')],
    ['UTF-16 text, which begins like an MPEG frame', Buffer.from('\ufeffhello', 'utf16le')],
    ['one MPEG sync word followed by something else', Buffer.concat([mp3Frames.subarray(0, 417), Buffer.alloc(417)])],
    ['an unknown brand', ftyp('crx ', 'isox')],
    ['a RIFF file of another form', latin1('RIFF\0\0\0\0AVI LIST')],
    ['nothing', Buffer.alloc(0)],
  ])('and %s has none', (_name, bytes) => {
    expect(sniffMediaType(bytes)).toBeUndefined();
  });
});

describe('what is no medium is described in words', () => {
  it.each<[Buffer, RegExp]>([
    [latin1('PK\x03\x04....'), /ZIP/],
    [latin1('<!DOCTYPE html><p>'), /web page/],
    [latin1('<!-- x --><html>'), /web page/],
    [latin1('{"error":"not found"}'), /JSON/],
    [latin1('<?xml version="1.0"?><Error/>'), /XML/],
    [Buffer.from('Grüße aus München'), /plain text/],
    [latin1(Buffer.alloc(90, 77).toString('base64')), /base64/],
    [latin1('version https://git-lfs.github.com/spec/v1'), /LFS/],
    [Buffer.from([0x00, 0x9f, 0x01]), /binary/],
  ])('%s', (bytes, words) => {
    expect(describeContent(bytes)).toMatch(words);
  });
});
