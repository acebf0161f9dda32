/** The one place that fetches a URL which a user or a document gave: public addresses only, little data, little time. */

import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { isIP } from 'node:net';
import { OcelliError } from '../errors/index.js';
import { abortedError, throwIfAborted, untilAborted } from './abort.js';
import { findBlockingRule } from './blocked-address.js';
import { tooManyBytes } from './byte-limits.js';
import { describeUrl } from './describe-source.js';

/** An address that a host name resolves to. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** How URLs are downloaded. */
export interface DownloadOptions {
  /** Most bytes of one file. Default 20 MiB. */
  readonly maxBytes?: number;
  /** Milliseconds for one URL in all: name, redirects, body. Default 15,000. */
  readonly timeoutMs?: number;
  /**
   * Hosts that may be reached although their address is private: an exact host (`store.internal`, any port) or `host:port`.
   * Redirects to other hosts are checked as ever. Default: none.
   */
  readonly allowHosts?: readonly string[];
  /** Resolves a host name to all its addresses. Default: the system's resolver. */
  readonly lookup?: (hostname: string) => Promise<readonly ResolvedAddress[]>;
}

export interface Download {
  readonly bytes: Uint8Array;
  /** As the server declared it, without parameters. */
  readonly contentType?: string;
}

const defaultMaxBytes = 20 * 1_048_576;
const defaultTimeoutMs = 15_000;
const maxRedirects = 5;
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const mediaContentType =
  /^(?:image|audio|video)\/|^application\/(?:pdf|ogg|octet-stream|x-pdf)$|^binary\/octet-stream$/;

/**
 * Downloads a medium from an http(s) URL, any port.
 *
 * Every address that the host name resolves to is checked, at every redirect, and the connection goes to the checked address. No
 * credentials, cookies or headers of the caller are sent, and no proxy is used. Whether the bytes are a medium is for the caller to check.
 *
 * @throws OcelliError `invalid-request` (not http(s), or credentials in the URL), `image-fetch-blocked`, `image-too-large`,
 *   `image-unreadable` (an HTTP error with its `status`, a web page, an encoded body), `network`, `timeout`, `aborted`
 *
 * @example
 * const { bytes } = await guardedDownload('https://example.com/coins.jpg', { allowHosts: ['store.internal:9000'] });
 */
export async function guardedDownload(
  url: string | URL,
  options: DownloadOptions = {},
  signal?: AbortSignal,
): Promise<Download> {
  throwIfAborted(signal);
  const first = parseStartUrl(url);
  const limit = options.timeoutMs ?? defaultTimeoutMs;
  // One signal for both ways to stop; `signal` itself tells them apart.
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(onAbort, limit);
  const stopError = (): OcelliError => (signal?.aborted === true ? abortedError() : timeoutError(first, limit));
  try {
    return await followRedirects(first, { options, signal: stop.signal, stopError });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

interface Hop {
  readonly options: DownloadOptions;
  readonly signal: AbortSignal;
  /** What to throw when `signal` fires. */
  readonly stopError: () => OcelliError;
}

async function followRedirects(first: URL, hop: Hop): Promise<Download> {
  let url = first;
  for (let redirects = 0; ; redirects += 1) {
    const addresses = await checkedAddresses(url, hop);
    const answer = await requestOnce(url, addresses, hop);
    if (!('redirectTo' in answer)) return answer;
    if (redirects === maxRedirects) {
      throw unreadable(first, `redirects more than ${maxRedirects} times. Give the final URL.`);
    }
    url = checkRedirect(url, answer.redirectTo);
  }
}

function parseStartUrl(text: string | URL): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new OcelliError(
      'invalid-request',
      `${describeUrl(text)} is not a valid URL. Write it like https://host/picture.jpg.`,
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new OcelliError(
      'invalid-request',
      `A picture cannot be downloaded by ${url.protocol} URL; use http: or https:.`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new OcelliError(
      'invalid-request',
      `${describeUrl(url)} holds a user name or password, which is never sent. Use a signed URL, or download the file yourself and pass its bytes.`,
    );
  }
  return url;
}

/** Where a redirect leads, if it may. The address behind it is checked afterwards. Exported for tests only. */
export function checkRedirect(from: URL, location: string): URL {
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
  const refuse = (why: string): OcelliError =>
    new OcelliError(
      'image-fetch-blocked',
      `${describeUrl(from)} redirects ${why}, which is refused. Give the final URL.`,
    );
  if (to === undefined) throw refuse('to something that is not a URL');
  if (to.protocol !== 'http:' && to.protocol !== 'https:') throw refuse(`to a ${to.protocol} URL`);
  if (from.protocol === 'https:' && to.protocol === 'http:') throw refuse('from https to unencrypted http');
  if (to.username !== '' || to.password !== '') throw refuse('to a URL with a user name or password');
  return to;
}

/** All addresses of the host; each one passed the check, or the host is on the list. */
async function checkedAddresses(url: URL, hop: Hop): Promise<readonly ResolvedAddress[]> {
  const hostname = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const isAllowed = (hop.options.allowHosts ?? []).some((entry) => matchesHost(entry, url));
  if (!isAllowed && /(?:^|\.)localhost$/i.test(hostname)) throw blocked(url, 'is this machine (localhost)');
  const addresses = await resolve(hostname, url, hop);
  if (isAllowed) return addresses;
  for (const { address } of addresses) {
    const rule = findBlockingRule(address);
    if (rule !== undefined) throw blocked(url, `leads to ${address}: ${rule}`);
  }
  return addresses;
}

async function resolve(hostname: string, url: URL, hop: Hop): Promise<readonly ResolvedAddress[]> {
  const family = isIP(hostname);
  if (family !== 0) return [{ address: hostname, family }];
  const lookup = hop.options.lookup ?? systemLookup;
  let addresses: readonly ResolvedAddress[];
  try {
    addresses = await untilAborted(lookup(hostname), hop.signal, hop.stopError);
  } catch (error) {
    if (OcelliError.isInstance(error)) throw error;
    throw networkError(url, error, `its host name could not be resolved`);
  }
  if (addresses.length === 0) throw networkError(url, undefined, 'its host name has no address');
  return addresses;
}

async function systemLookup(hostname: string): Promise<readonly ResolvedAddress[]> {
  const { lookup } = await import('node:dns/promises');
  return lookup(hostname, { all: true, verbatim: true });
}

/** Compares host and, where the entry names one, port; IPv6 with or without brackets. */
function matchesHost(entry: string, url: URL): boolean {
  const bare = isIP(entry) === 6 ? `[${entry}]` : entry;
  const match = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(bare.trim().toLowerCase());
  if (match === null) return false;
  const [, host = '', port] = match;
  const urlPort = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  // The URL parser writes addresses in one way, so `0x7f.1` and `[0:0::1]` on the list mean what they mean in a URL.
  const normal = URL.canParse(`http://${host}/`) ? new URL(`http://${host}/`).hostname : host;
  return normal.replace(/\.$/, '') === url.hostname.replace(/\.$/, '') && (port === undefined || port === urlPort);
}

type Answer = Download | { readonly redirectTo: string };

/** One request on a connection of its own to one of the checked addresses. */
async function requestOnce(url: URL, addresses: readonly ResolvedAddress[], hop: Hop): Promise<Answer> {
  if (hop.signal.aborted) throw hop.stopError();
  // Loaded on first use, so that a program that downloads nothing does not wait for it at import.
  const { get } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'));
  let request: ClientRequest | undefined;
  const answer = new Promise<Answer>((settle, reject) => {
    request = get(
      url,
      {
        agent: false,
        headers: {
          accept: 'image/*, audio/*, video/*, application/pdf',
          'accept-encoding': 'identity',
          'user-agent': 'ocelli',
        },
        lookup: pinnedLookup(addresses),
      },
      (response) => {
        readAnswer(url, response, hop).then(settle, reject);
      },
    );
    request.on('error', (error) => reject(networkError(url, error, 'the connection failed')));
  });
  try {
    return await untilAborted(answer, hop.signal, hop.stopError);
  } finally {
    request?.destroy();
  }
}

/** Answers Node's question for an address with the ones that were checked, so that a second, different DNS answer cannot win. */
function pinnedLookup(addresses: readonly ResolvedAddress[]): NonNullable<RequestOptions['lookup']> {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family ?? 4);
  };
}

async function readAnswer(url: URL, response: IncomingMessage, hop: Hop): Promise<Answer> {
  const status = response.statusCode ?? 0;
  const { location } = response.headers;
  if (redirectStatuses.has(status) && location !== undefined) return { redirectTo: location };
  if (status !== 200) throw unreadable(url, `answered with HTTP status ${status} instead of a picture.`, status);
  const contentType = checkHeaders(url, response);
  const limit = hop.options.maxBytes ?? defaultMaxBytes;
  const stated = Number(response.headers['content-length'] ?? 0);
  if (stated > limit) throw tooManyBytes(url, limit, stated);
  return {
    bytes: await readBody(url, response, limit),
    ...(contentType === undefined ? {} : { contentType }),
  };
}

function checkHeaders(url: URL, response: IncomingMessage): string | undefined {
  const encoding = response.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== '') {
    throw unreadable(
      url,
      `answered with a ${encoding.slice(0, 40)}-encoded body, although none was asked for; it is not unpacked.`,
    );
  }
  const contentType = response.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (contentType === undefined || contentType === '' || mediaContentType.test(contentType)) return contentType;
  const what = contentType.includes('html') ? 'a web page' : 'no picture';
  throw unreadable(
    url,
    `answered with ${what} (content type ${contentType.slice(0, 60)}). Give the URL of the picture itself, not of the page that shows it.`,
  );
}

async function readBody(url: URL, response: IncomingMessage, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > limit) throw tooManyBytes(url, limit);
      chunks.push(chunk);
    }
  } catch (error) {
    throw OcelliError.isInstance(error) ? error : networkError(url, error, 'the connection broke inside the file');
  }
  return Buffer.concat(chunks, size);
}

function blocked(url: URL, why: string): OcelliError {
  return new OcelliError(
    'image-fetch-blocked',
    `${describeUrl(url)} was not fetched: it ${why}. Only public addresses are fetched; for a store of your own, put "${url.host}" into allowHosts.`,
  );
}

function unreadable(url: URL, what: string, status?: number): OcelliError {
  return new OcelliError('image-unreadable', `${describeUrl(url)} ${what}`, status === undefined ? {} : { status });
}

function networkError(url: URL, error: unknown, what: string): OcelliError {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  const suffix = typeof code === 'string' ? ` (${code})` : '';
  return new OcelliError(
    'network',
    `${describeUrl(url)} could not be downloaded: ${what}${suffix}. Check the URL and the network.`,
  );
}

function timeoutError(url: URL, limit: number): OcelliError {
  return new OcelliError(
    'timeout',
    `${describeUrl(url)} was not downloaded within ${limit} ms. Raise the download time limit, or download it yourself and pass the bytes.`,
  );
}
