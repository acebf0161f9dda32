/** Looks into a TIFF's first directory for data about the picture. */

import { HeaderBytes } from '../header-bytes.js';
import { readTiffTags } from '../tiff-header.js';
import type { PictureTraits } from './traits.js';

// TIFF 6.0 and its extensions: XMP, IPTC, Photoshop, EXIF and GPS; how many samples a pixel has; the ICC profile.
const metadataTags = [700, 33_723, 34_377, 34_665, 34_853];
const photometricTag = 262;
const profileTag = 34_675;
const separated = 5;

/** Offsets count from the start of the file, so that nothing can be cut out. */
export function readTiffTraits(bytes: Uint8Array): PictureTraits {
  const tags = readTiffTags(new HeaderBytes(bytes), 0);
  return {
    metadata: metadataTags.some((tag) => tags.has(tag)) ? 'embedded' : 'none',
    alpha: 'unknown',
    isCmyk: tags.get(photometricTag) === separated,
    // Which profile it is does not pay to find out: TIFF is converted for every hosted target anyway.
    ...(tags.has(profileTag) ? { profile: new Uint8Array() } : {}),
  };
}
