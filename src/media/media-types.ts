/** Compares media types as people and servers write them. */

import type { MediaKind } from '../request/index.js';

/** Other names of the types that `sniffMediaType` gives. */
const aliases: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'image/apng': 'image/png',
  'image/x-ms-bmp': 'image/bmp',
  'image/x-bmp': 'image/bmp',
  'image/tif': 'image/tiff',
  'image/svg': 'image/svg+xml',
  'image/heic-sequence': 'image/heic',
  'image/heif-sequence': 'image/heif',
  'audio/mp3': 'audio/mpeg',
  'audio/x-mp3': 'audio/mpeg',
  'audio/x-mpeg': 'audio/mpeg',
  'audio/wave': 'audio/wav',
  'audio/x-wav': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/x-flac': 'audio/flac',
  'audio/m4a': 'audio/mp4',
  'audio/x-m4a': 'audio/mp4',
  'audio/opus': 'audio/ogg',
  'audio/vorbis': 'audio/ogg',
  'application/ogg': 'audio/ogg',
  'audio/aacp': 'audio/aac',
  'video/x-m4v': 'video/mp4',
  'video/mov': 'video/quicktime',
  'video/matroska': 'video/x-matroska',
  'application/x-pdf': 'application/pdf',
};

/** Lower case, without parameters, by the name that is used here. */
export function normalMediaType(mediaType: string): string {
  const bare = (mediaType.split(';')[0] ?? '').trim().toLowerCase();
  return aliases[bare] ?? bare;
}

/** Whether a declared type says something else than what was found. Wildcards and "some bytes" say nothing. */
export function contradicts(declared: string, found: string): boolean {
  const normal = normalMediaType(declared);
  if (normal === '' || normal.endsWith('/octet-stream') || normal.includes('*')) return false;
  if (normal === found) return false;
  // HEIC is a kind of HEIF, and both words are used for both.
  return !(isHeif(normal) && isHeif(found));
}

function isHeif(mediaType: string): boolean {
  return mediaType === 'image/heic' || mediaType === 'image/heif';
}

/** Containers that hold sound alone or with pictures, under the name that the other use has. */
const soundNames: Readonly<Record<string, string>> = {
  'video/mp4': 'audio/mp4',
  'video/webm': 'audio/webm',
  'video/ogg': 'audio/ogg',
  'video/x-matroska': 'audio/x-matroska',
  'video/quicktime': 'audio/mp4',
};
const videoNames: Readonly<Record<string, string>> = { 'audio/mp4': 'video/mp4', 'audio/ogg': 'video/ogg' };

/** The found type, named for the part that it stands in: MP4 in an audio part is `audio/mp4`. */
export function mediaTypeForKind(found: string, kind: MediaKind): string {
  if (kind === 'audio') return soundNames[found] ?? found;
  return kind === 'video' ? (videoNames[found] ?? found) : found;
}
