/** A model hub on 127.0.0.1 with a second host for large files, and the ways in which such hubs fail. */

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export const commit = 'c0ffee'.repeat(6) + 'c0de';

export interface Seen {
  readonly host: 'hub' | 'storage';
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly authorization: string | undefined;
}

/** What goes wrong, by file path; each is used up by one request. */
export interface Fault {
  /** The connection breaks after this many bytes of the body. */
  readonly cutAfter?: number;
  /** Nothing more comes after this many bytes, but the connection stays. */
  readonly hangAfter?: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export class FakeHub {
  readonly seen: Seen[] = [];
  readonly faults = new Map<string, Fault[]>();
  /** Every request of the API gets this answer instead. */
  refusal: { readonly status: number; readonly code?: string } | undefined;
  token: string | undefined;
  /** Called when `hangAfter` bytes are out. */
  onHang: (() => void) | undefined;
  commit: string | undefined = commit;
  /** Where the API redirects a name to. */
  renamed: string | undefined;
  statesChecksums = true;
  statesSizes = true;
  /** Large files answer without an entity tag. */
  hasTags = true;
  listing: unknown;
  #hub: Server | undefined;
  #storage: Server | undefined;

  constructor(
    readonly model: string,
    readonly files: Map<string, Buffer>,
  ) {}

  async start(): Promise<this> {
    this.#storage = await listen((request, response) => this.#serveStorage(request, response));
    this.#hub = await listen((request, response) => this.#serveHub(request, response));
    onTestFinished(async () => {
      for (const server of [this.#hub, this.#storage]) {
        server?.closeAllConnections();
        await new Promise((resolve) => server?.close(resolve));
      }
    });
    return this;
  }

  get url(): string {
    return urlOf(this.#hub);
  }

  /** Ranges that were asked of a file, in order. */
  rangesOf(path: string): readonly (string | undefined)[] {
    return this.seen.filter((seen) => seen.host === 'storage' && seen.path === path).map((seen) => seen.range);
  }

  fault(path: string, ...faults: Fault[]): void {
    this.faults.set(path, faults);
  }

  #see(host: 'hub' | 'storage', path: string, request: IncomingMessage): void {
    const { range, authorization } = request.headers;
    this.seen.push({ host, path, range, ifRange: request.headers['if-range'] as string | undefined, authorization });
  }

  #serveHub(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.url);
    this.#see('hub', url.pathname, request);
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) {
      response.writeHead(401, { 'x-error-code': 'GatedRepo' }).end('{"error":"gated"}');
      return;
    }
    if (url.pathname.startsWith('/api/models/')) {
      this.#serveApi(url, response);
      return;
    }
    if (this.renamed !== undefined && url.pathname.startsWith(`/${this.renamed}/`)) {
      response.writeHead(307, { location: url.pathname.replace(this.renamed, this.model) }).end();
      return;
    }
    const prefix = `/${this.model}/resolve/${this.commit ?? 'main'}/`;
    const path = decodeURIComponent(url.pathname.slice(prefix.length));
    const bytes = url.pathname.startsWith(prefix) ? this.files.get(path) : undefined;
    if (bytes === undefined) response.writeHead(404).end();
    else response.writeHead(302, { location: `${urlOf(this.#storage)}/signed/${path}?signature=1` }).end();
  }

  #serveApi(url: URL, response: ServerResponse): void {
    if (this.refusal !== undefined) {
      const { status, code } = this.refusal;
      response.writeHead(status, code === undefined ? {} : { 'x-error-code': code }).end();
      return;
    }
    const old = `/api/models/${this.renamed ?? ''}/`;
    if (this.renamed !== undefined && url.pathname.startsWith(old)) {
      const location = `/api/models/${this.model}/${url.pathname.slice(old.length)}${url.search}`;
      response.writeHead(307, { location }).end();
      return;
    }
    if (url.pathname !== `/api/models/${this.model}/revision/main`) {
      response.writeHead(404, { 'x-error-code': 'RevisionNotFound' }).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(this.listing ?? { sha: this.commit, siblings: this.#siblings() }));
  }

  #siblings(): readonly unknown[] {
    return [...this.files].map(([rfilename, bytes]) => {
      const size = this.statesSizes ? { size: bytes.length } : {};
      if (!this.statesChecksums) return { rfilename, ...size };
      if (rfilename.startsWith('onnx/'))
        return { rfilename, ...size, blobId: 'a'.repeat(40), lfs: { ...size, sha256: sha256(bytes) } };
      const blobId = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
      return { rfilename, ...size, blobId };
    });
  }

  #serveStorage(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(
      new URL(request.url ?? '/', urlOf(this.#storage)).pathname.slice('/signed/'.length),
    );
    this.#see('storage', path, request);
    const bytes = this.files.get(path) ?? Buffer.alloc(0);
    const fault = this.faults.get(path)?.shift() ?? {};
    if (fault.status !== undefined) {
      response.writeHead(fault.status, fault.headers ?? {}).end();
      return;
    }
    const tag = `"${sha256(bytes).slice(0, 16)}"`;
    const condition = request.headers['if-range'];
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const headers = this.hasTags ? { etag: tag } : {};
    if (from > 0 && (condition === undefined || condition === tag)) {
      if (from >= bytes.length) {
        response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
        return;
      }
      response.writeHead(206, {
        ...headers,
        'content-length': bytes.length - from,
        'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
      });
      this.#send(response, bytes.subarray(from), fault);
      return;
    }
    response.writeHead(200, { ...headers, 'content-length': bytes.length });
    this.#send(response, bytes, fault);
  }

  #send(response: ServerResponse, bytes: Buffer, fault: Fault): void {
    const stop = fault.cutAfter ?? fault.hangAfter;
    if (stop === undefined) {
      response.end(bytes);
      return;
    }
    response.write(bytes.subarray(0, stop), () => {
      if (fault.cutAfter === undefined) this.onHang?.();
      else setTimeout(() => response.destroy(), 20);
    });
  }
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function urlOf(server: Server | undefined): string {
  return `http://127.0.0.1:${(server?.address() as AddressInfo | undefined)?.port}`;
}

async function listen(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
