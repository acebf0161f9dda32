/** Takes `data:` URLs apart, strictly: wrong base64 is an error, not a shorter picture. */

import { OcelliError } from '../errors/index.js';
import { tooManyBytes } from './byte-limits.js';

export interface DataUrlContent {
  readonly bytes: Uint8Array;
  /** As written in the URL, without parameters; `undefined` when it names none. */
  readonly mediaType?: string;
}

/**
 * Decodes a `data:` URL (RFC 2397), base64 or percent-encoded. Blanks and line breaks inside base64 are allowed, missing padding too.
 *
 * @param maxBytes most bytes it may decode to
 * @throws OcelliError `invalid-request` for a URL that is not well-formed, `image-too-large` over `maxBytes`
 */
export function parseDataUrl(url: string, maxBytes: number): DataUrlContent {
  const comma = url.indexOf(',');
  if (!/^data:/i.test(url) || comma === -1) {
    throw invalid('it has no comma between its media type and its data; write data:image/png;base64,…');
  }
  const header = url.slice(5, comma);
  const [declared = '', ...parameters] = header.split(';').map((text) => text.trim());
  const isBase64 = parameters.at(-1)?.toLowerCase() === 'base64';
  const data = url.slice(comma + 1);
  // Four characters of base64 are three bytes; percent-encoding only ever shrinks.
  if (isBase64 && data.length * 0.75 > maxBytes * 1.05 + 1_024) throw tooManyBytes(url, maxBytes);
  const bytes = isBase64 ? decodeBase64(data) : decodePercent(data);
  if (bytes.length > maxBytes) throw tooManyBytes(url, maxBytes, bytes.length);
  return { bytes, ...(declared === '' ? {} : { mediaType: declared.toLowerCase() }) };
}

function decodeBase64(data: string): Uint8Array {
  let text = data;
  if (text.includes('%')) text = Buffer.from(decodePercent(text)).toString('latin1');
  if (/\s/.test(text)) text = text.replaceAll(/\s+/g, '');
  const wrong = text.search(/[^A-Za-z0-9+/=]/);
  if (wrong !== -1) throw invalid(`character ${wrong + 1} of its base64 is not allowed there`);
  const padding = text.indexOf('=');
  const digits = padding === -1 ? text.length : padding;
  if (text.length - digits > 2 || (padding !== -1 && !/^={1,2}$/.test(text.slice(padding)))) {
    throw invalid('its base64 goes on after the padding');
  }
  if (digits % 4 === 1 || (padding !== -1 && text.length % 4 !== 0)) {
    throw invalid(`its base64 is cut off: ${digits} characters cannot be whole bytes`);
  }
  return Buffer.from(text, 'base64');
}

function decodePercent(data: string): Uint8Array {
  if (!data.includes('%')) return Buffer.from(data, 'utf8');
  const raw = Buffer.from(data, 'utf8');
  const bytes = Buffer.alloc(raw.length);
  let length = 0;
  for (let place = 0; place < raw.length; place += 1) {
    const code = raw[place] === 0x25 ? raw.toString('latin1', place + 1, place + 3) : '';
    const isCode = /^[0-9a-f]{2}$/i.test(code);
    bytes[length] = isCode ? Number.parseInt(code, 16) : (raw[place] ?? 0);
    length += 1;
    if (isCode) place += 2;
  }
  return bytes.subarray(0, length);
}

function invalid(what: string): OcelliError {
  return new OcelliError('invalid-request', `The data: URL cannot be decoded: ${what}.`);
}
