/** The only file that talks to a model hub: lists a model's files and opens one of them from any byte on. */

import { OcelliError } from '../../../src/errors/index.js';
import { isRecord, numberAt, recordAt, stringAt, type JsonRecord } from '../json.js';
import { localModelError, reasonOf } from '../local-model-error.js';

/** How the hub is reached. */
export interface HubOptions {
  /** Base URL of the hub or of a mirror with the same paths; default `https://huggingface.co`. */
  readonly mirror?: string;
  /** Access token for gated and private models; sent to the mirror's own address only. */
  readonly token?: string;
  /** Default: the global one. */
  readonly fetch?: typeof globalThis.fetch;
  /** Longest silence of a connection before it counts as broken; default 60,000. */
  readonly patienceMs?: number;
}

/** What a whole file must hash to. `git` is git's own: SHA-1 over a header and the content. */
export interface Checksum {
  readonly algorithm: 'sha256' | 'git';
  readonly hex: string;
}

export interface HubFile {
  /** With forward slashes, relative to the model. */
  readonly path: string;
  /** `undefined` where the hub does not say. */
  readonly bytes: number | undefined;
  readonly checksum: Checksum | undefined;
}

export interface HubListing {
  /** `owner/name` */
  readonly model: string;
  /** The commit that the revision stands for; the revision itself where the hub does not say. */
  readonly commit: string;
  readonly files: readonly HubFile[];
}

/** A file that is on its way. */
export interface OpenedFile {
  /** First byte of `body`: what was asked for, or 0 when the file must be taken from its beginning. */
  readonly from: number;
  /** Of the whole file, when the server says. */
  readonly bytes: number | undefined;
  /** A strong entity tag to go on with later. */
  readonly entityTag: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

export const defaultHub = 'https://huggingface.co';
const defaultPatienceMs = 60_000;
const maxRedirects = 8;
/** A listing longer than this is none. */
const maxListingBytes = 32 * 1024 ** 2;

export class HubClient {
  readonly #base: URL;
  readonly #token: string | undefined;
  readonly #fetch: typeof globalThis.fetch;
  readonly #patienceMs: number;

  /** @throws OcelliError `invalid-request` for a mirror that is no http(s) URL */
  constructor(options: HubOptions = {}) {
    this.#base = baseUrl(options.mirror ?? defaultHub);
    this.#token = options.token;
    this.#fetch = options.fetch ?? globalThis.fetch;
    this.#patienceMs = options.patienceMs ?? defaultPatienceMs;
  }

  /**
   * All files of a model at a revision (branch, tag or commit).
   *
   * @throws OcelliError `model-not-found`, `authentication`, `permission`, `rate-limit`, `server`, `network`, `malformed-response`, `aborted`
   */
  async list(model: string, revision: string, signal?: AbortSignal): Promise<HubListing> {
    const path = `api/models/${model}/revision/${encodeURIComponent(revision)}?blobs=true`;
    const { response, stall } = await this.#get(path, {}, model, signal);
    try {
      const value = await readJson(response, stall);
      return { model, commit: commitOf(value, revision), files: filesOf(value) };
    } catch (error) {
      throw stall.explain(error);
    } finally {
      stall.end();
    }
  }

  /** Opens a file at `from`; with `entityTag`, only if it is still the same one, otherwise at 0. */
  async open(
    listing: HubListing,
    file: HubFile,
    from: number,
    entityTag: string | undefined,
    signal?: AbortSignal,
  ): Promise<OpenedFile> {
    const way = file.path.split('/').map(encodeURIComponent).join('/');
    const path = `${listing.model}/resolve/${encodeURIComponent(listing.commit)}/${way}`;
    const range: Record<string, string> =
      from === 0 ? {} : { range: `bytes=${from}-`, ...(entityTag === undefined ? {} : { 'if-range': entityTag }) };
    const { response, stall } = await this.#get(path, range, listing.model, signal);
    const start = response.status === 206 ? rangeStart(response) : 0;
    if (response.status === 416 || (start !== 0 && start !== from)) {
      stall.end();
      await response.body?.cancel();
      // What is on the disk is longer than the file or belongs elsewhere: from the beginning then.
      return this.open(listing, file, 0, undefined, signal);
    }
    return {
      from: start,
      bytes: totalBytes(response),
      entityTag: strongTag(response.headers.get('etag')),
      body: watched(response, stall),
    };
  }

  /** Follows redirects by hand: the token must not leave for another host, nor anything go on unencrypted. */
  async #get(path: string, headers: Readonly<Record<string, string>>, model: string, signal?: AbortSignal) {
    const stall = new Stall(this.#patienceMs, signal);
    let url = new URL(path, this.#base);
    try {
      for (let hop = 0; hop <= maxRedirects; hop++) {
        const own = url.origin === this.#base.origin && this.#token !== undefined;
        const response = await this.#fetch(url, {
          redirect: 'manual',
          signal: stall.signal,
          headers: {
            // Byte ranges of a compressed body would be of no use.
            'accept-encoding': 'identity',
            'user-agent': 'ocelli',
            ...headers,
            ...(own ? { authorization: `Bearer ${this.#token}` } : {}),
          },
        });
        stall.alive();
        const location = response.headers.get('location');
        if (response.status >= 300 && response.status < 400 && location !== null) {
          await response.body?.cancel();
          url = redirectTarget(url, location);
          continue;
        }
        if (response.ok || response.status === 416) return { response, stall };
        await response.body?.cancel();
        throw statusError(response, model, this.#base, this.#token !== undefined);
      }
      throw new OcelliError('server', `The hub redirects ${model} in a circle. Try another --mirror.`);
    } catch (error) {
      stall.end();
      throw stall.explain(error);
    }
  }
}

function baseUrl(mirror: string): URL {
  let url: URL;
  try {
    url = new URL(mirror.endsWith('/') ? mirror : `${mirror}/`);
  } catch {
    throw new OcelliError('invalid-request', `The mirror "${mirror}" is no URL. Give one such as ${defaultHub}.`);
  }
  if (url.protocol === 'https:' || url.protocol === 'http:') return url;
  throw new OcelliError('invalid-request', `The mirror must be an https or http URL, not ${url.protocol}.`);
}

function redirectTarget(from: URL, location: string): URL {
  const url = new URL(location, from);
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && from.protocol === 'http:');
  if (isSafe) return url;
  throw new OcelliError(
    'server',
    `The hub redirects from ${from.host} to a ${url.protocol} address, which is refused.`,
    {
      retryable: false,
    },
  );
}

/** Aborts a request when its caller does, or when nothing has come for a while. */
class Stall {
  readonly #controller = new AbortController();
  readonly #patienceMs: number;
  readonly #caller: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#controller.abort();
  #timer: NodeJS.Timeout | undefined;
  #stalled = false;

  constructor(patienceMs: number, caller: AbortSignal | undefined) {
    this.#patienceMs = patienceMs;
    this.#caller = caller;
    if (caller?.aborted === true) this.#controller.abort();
    caller?.addEventListener('abort', this.#onAbort, { once: true });
    this.alive();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  alive(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#stalled = true;
      this.#controller.abort();
    }, this.#patienceMs);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#onAbort);
  }

  /** What a failure of the request means. */
  explain(error: unknown): OcelliError {
    if (OcelliError.isInstance(error)) return error;
    if (this.#caller?.aborted === true) return new OcelliError('aborted', 'The download was aborted.');
    if (this.#stalled) {
      return new OcelliError('timeout', `The hub sent nothing for ${Math.round(this.#patienceMs / 1000)} seconds.`);
    }
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return new OcelliError('network', `The connection to the hub failed (${reasonOf(cause)}).`);
  }
}

async function* watched(response: Response, stall: Stall): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const chunk of response.body ?? []) {
      stall.alive();
      yield chunk;
    }
  } catch (error) {
    throw stall.explain(error);
  } finally {
    stall.end();
  }
}

async function readJson(response: Response, stall: Stall): Promise<JsonRecord> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    stall.alive();
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxListingBytes) throw malformed('its list of files does not end');
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (isRecord(value)) return value;
  } catch {
    // Said below.
  }
  throw malformed('its list of files is not the JSON that was expected');
}

function malformed(what: string): OcelliError {
  return new OcelliError('malformed-response', `The hub's answer makes no sense: ${what}. Check --mirror.`, {
    retryable: false,
  });
}

/** Only a name without surprises becomes part of a path. */
function commitOf(value: JsonRecord, revision: string): string {
  const commit = stringAt(value, 'sha');
  return commit !== undefined && /^[0-9a-f]{7,64}$/.test(commit) ? commit : revision;
}

/** Source: the hub's API with `blobs=true`, fields `rfilename`, `size`, `blobId`, `lfs.sha256` (or `lfs.oid`). */
function filesOf(value: JsonRecord): readonly HubFile[] {
  const siblings = value['siblings'];
  if (!Array.isArray(siblings)) throw malformed('it has no "siblings"');
  return siblings.filter(isRecord).flatMap((sibling): HubFile[] => {
    const path = stringAt(sibling, 'rfilename');
    if (path === undefined) return [];
    const large = recordAt(sibling, 'lfs');
    const bytes = numberAt(large, 'size') ?? numberAt(sibling, 'size');
    return [{ path, bytes, checksum: checksumOf(sibling, large) }];
  });
}

function checksumOf(sibling: JsonRecord, large: JsonRecord): Checksum | undefined {
  const sha256 = stringAt(large, 'sha256') ?? stringAt(large, 'oid');
  if (sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256)) return { algorithm: 'sha256', hex: sha256 };
  const blob = stringAt(sibling, 'blobId');
  // Of a large file it is the hash of the pointer, not of the file.
  if (Object.keys(large).length === 0 && blob !== undefined && /^[0-9a-f]{40}$/.test(blob)) {
    return { algorithm: 'git', hex: blob };
  }
  return undefined;
}

function rangeStart(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
}

function totalBytes(response: Response): number | undefined {
  const text =
    response.status === 206
      ? /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1]
      : response.headers.get('content-length');
  return text === undefined || text === null || !/^\d+$/.test(text) ? undefined : Number(text);
}

function strongTag(tag: string | null): string | undefined {
  return tag !== null && /^"[^"]*"$/.test(tag) ? tag : undefined;
}

/** Says what to do next, by status and by the hub's own `x-error-code`. */
function statusError(response: Response, model: string, base: URL, hasToken: boolean): OcelliError {
  const { status } = response;
  const code = response.headers.get('x-error-code');
  const page = new URL(model, base).href;
  if (code === 'GatedRepo' || status === 403) {
    const token = hasToken ? 'the token given does not have access' : 'it needs a token (--token-variable)';
    return new OcelliError('permission', `${model} is gated: accept its terms at ${page}; ${token}.`, { status });
  }
  if (code === 'RevisionNotFound') {
    return new OcelliError('model-not-found', `${model} has no such revision. See ${page}.`, { status });
  }
  // The hub answers 401 for models that do not exist, so as not to tell which private ones do.
  if (status === 404 || (status === 401 && code === 'RepoNotFound')) {
    const token = hasToken ? '' : ' A private one needs a token (--token-variable).';
    return new OcelliError('model-not-found', `${base.host} has no model or file ${model}. Check the name.${token}`, {
      status,
    });
  }
  if (status === 401) {
    const message = hasToken ? 'refused the token that was given' : 'asks for a token (--token-variable)';
    return new OcelliError('authentication', `${base.host} ${message} for ${model}.`, { status });
  }
  if (status === 429) {
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    const wait = Number.isFinite(seconds) && seconds >= 0 ? { retryAfterMs: Math.min(seconds, 600) * 1000 } : {};
    return new OcelliError('rate-limit', `${base.host} asks to wait (429).`, { status, ...wait });
  }
  if (status >= 500) return new OcelliError('server', `${base.host} failed with status ${status}.`, { status });
  return localModelError(`${base.host} answered status ${status} for ${model}. Check the name and --mirror.`);
}
