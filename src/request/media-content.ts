/** A medium after it was read: what adapters put on the wire. */

/** The kinds of part that carry a medium. */
export type MediaKind = 'image' | 'audio' | 'video' | 'document';

/** Bytes in memory with what was found in them. */
export interface MediaBytes {
  readonly type: 'bytes';
  readonly bytes: Uint8Array;
  /** Base64 of the bytes, worked out once. */
  readonly base64: string;
  /** Found in the bytes, for example `image/jpeg`. */
  readonly mediaType: string;
  /** SHA-256 of the bytes, hexadecimal. */
  readonly sha256: string;
  /** Pixels as stored (before EXIF orientation); pictures only. */
  readonly width?: number;
  readonly height?: number;
  /** EXIF orientation 1 to 8; 1 when there is none. Pictures only. */
  readonly orientation?: number;
}

/** An http(s) URL that the provider fetches itself. */
export interface MediaUrl {
  readonly type: 'url';
  readonly url: string;
  readonly mediaType?: string;
}

/** The id of a file that was uploaded to this provider before. */
export interface MediaFileId {
  readonly type: 'file-id';
  readonly fileId: string;
  readonly mediaType?: string;
}

export type MediaContent = MediaBytes | MediaUrl | MediaFileId;

/** The kind of medium that a media type belongs to. */
export function mediaKindOf(mediaType: string): MediaKind | undefined {
  if (mediaType.startsWith('image/')) return 'image';
  if (mediaType.startsWith('audio/')) return 'audio';
  if (mediaType.startsWith('video/')) return 'video';
  if (mediaType === 'application/pdf') return 'document';
  return undefined;
}
