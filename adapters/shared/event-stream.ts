/** Refuses a successful answer that is no event stream, before an SDK reads it as a stream without events. */

import { OcelliError } from '../../src/errors/index.js';
import type { HeaderReader } from './retry-after.js';

/**
 * Lets event streams pass, and answers that do not say what they are.
 *
 * @throws OcelliError `malformed-response` for HTML, JSON and other content
 */
export function refuseForeignContent(headers: HeaderReader, serverName: string): void {
  const mediaType = mediaTypeOf(headers);
  if (mediaType === '' || mediaType === 'text/event-stream') return;
  // Some proxies and small servers label their stream as this.
  if (mediaType === 'text/plain' || mediaType === 'application/octet-stream') return;
  throw new OcelliError(
    'malformed-response',
    `${serverName} answered ${mediaType} where a stream of events was expected. ` +
      'Check the base URL: a web page or a proxy may be answering in its place.',
  );
}

/** Whether the answer is one JSON document. */
export function isJsonContent(headers: HeaderReader): boolean {
  const mediaType = mediaTypeOf(headers);
  return mediaType === 'application/json' || mediaType.endsWith('+json');
}

function mediaTypeOf(headers: HeaderReader): string {
  return headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
}
