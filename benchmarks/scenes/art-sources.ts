/** The packages that the art styles come from, with the licences of the drawings. */

import type { ArtStyle } from './scene.js';

/** Where each style comes from, and under which licence its drawings may be passed on. */
export const artSources: Readonly<Record<ArtStyle, { readonly package: string; readonly licence: string }>> = {
  'fluent-3d': { package: '@lobehub/fluent-emoji-3d', licence: 'MIT (Microsoft Fluent Emoji)' },
  twemoji: {
    package: '@iconify-json/twemoji',
    licence: 'CC BY 4.0 (Twemoji, copyright Twitter, Inc and contributors)',
  },
  fxemoji: { package: '@iconify-json/fxemoji', licence: 'Apache-2.0 (Mozilla FxEmojis)' },
  noto: { package: '@iconify-json/noto', licence: 'Apache-2.0 (Google Noto Emoji)' },
};
