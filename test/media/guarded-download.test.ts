import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { guardedDownload, loadMedia, type DownloadOptions } from '../../src/media/entry.js';
import { checkRedirect } from '../../src/media/guarded-download.js';
import { failureOf } from './failures.js';
import { makePicture } from './pictures.js';

let png: Buffer = Buffer.alloc(0);
const running: Server[] = [];

beforeAll(async () => {
  png = await makePicture('png', 20, 10);
});

afterEach(async () => {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

interface Running {
  readonly url: string;
  readonly port: number;
  readonly host: string;
  readonly requests: IncomingMessage[];
}

async function serve(listener: RequestListener, host = '127.0.0.1', wantedPort = 0): Promise<Running> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  running.push(server);
  await new Promise<void>((done) => server.listen(wantedPort, host, done));
  const { port } = server.address() as AddressInfo;
  return { url: `http://${host}:${port}/cat.png`, port, host: `${host}:${port}`, requests };
}

const servePng: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'image/png' }).end(png);
};
const allow = (server: Running): DownloadOptions => ({ allowHosts: [server.host] });

describe('a download that is allowed', () => {
  it('gives the bytes and the declared type, and sends nothing of the caller', async () => {
    const server = await serve(servePng);
    const { bytes, contentType } = await guardedDownload(server.url, allow(server));
    expect(Buffer.from(bytes).equals(png)).toBe(true);
    expect(contentType).toBe('image/png');
    expect(server.requests[0]?.headers).toEqual({
      accept: 'image/*, audio/*, video/*, application/pdf',
      'accept-encoding': 'identity',
      'user-agent': 'ocelli',
      host: server.host,
      connection: expect.any(String) as string,
    });
  });

  it('is a source like any other', async () => {
    const server = await serve(servePng);
    const { media } = await loadMedia(new URL(server.url), { download: allow(server) });
    expect(media).toMatchObject({ mediaType: 'image/png', width: 20, height: 10 });
  });

  it('works by host name alone, by host and port, and for octet-stream and no content type', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/none') response.writeHead(200).end(png);
      else response.writeHead(200, { 'content-type': 'binary/octet-stream' }).end(png);
    });
    for (const allowHosts of [['127.0.0.1'], ['other:1', server.host], ['0x7f.1']]) {
      expect((await guardedDownload(server.url, { allowHosts })).bytes).toHaveLength(png.length);
    }
    expect((await guardedDownload(new URL('/none', server.url), allow(server))).contentType).toBeUndefined();
    await failureOf('image-fetch-blocked', () =>
      guardedDownload(server.url, { allowHosts: [`127.0.0.1:${server.port + 1}`] }),
    );
    await failureOf('image-fetch-blocked', () =>
      guardedDownload(server.url, { allowHosts: ['evil127.0.0.1', '0.0.1'] }),
    );
  });

  it('connects to the address that was checked, asking DNS once', async () => {
    const right = await serve(servePng, '127.0.0.1');
    const wrong = await serve(servePng, '127.0.0.2', right.port);
    let lookups = 0;
    const lookup = (): Promise<{ address: string; family: number }[]> => {
      lookups += 1;
      return Promise.resolve([{ address: lookups === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }]);
    };
    await guardedDownload(`http://rebinding.test:${right.port}/`, { lookup, allowHosts: ['rebinding.test'] });
    expect({ lookups, right: right.requests.length, wrong: wrong.requests.length }).toEqual({
      lookups: 1,
      right: 1,
      wrong: 0,
    });
    expect(right.requests[0]?.headers.host).toBe(`rebinding.test:${right.port}`);
  });

  it('goes to IPv6 hosts, with brackets or without in the list', async () => {
    const server = await serve(servePng, '::1');
    for (const entry of ['::1', `[::1]:${server.port}`]) {
      const { bytes } = await guardedDownload(`http://[::1]:${server.port}/`, { allowHosts: [entry] });
      expect(bytes).toHaveLength(png.length);
    }
  });

  it('follows five redirects and not six', async () => {
    const server = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left > 0) response.writeHead(302, { location: `/${left - 1}` }).end('moved');
      else servePng(request, response);
    });
    const download = (hops: number): Promise<unknown> =>
      guardedDownload(`http://${server.host}/${hops}`, allow(server));
    await download(5);
    expect((await failureOf('image-unreadable', () => download(6))).message).toMatch(/more than 5 times/);
    expect(server.requests).toHaveLength(12);
  });
});

describe('a URL that leads to a private address is refused before anything is sent', () => {
  const forms = [
    '127.0.0.1',
    'localhost',
    'localhost.',
    'sub.localhost',
    '[::1]',
    '0x7f000001',
    '2130706433',
    '127.1',
    '0177.0.0.1',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
    '[::]',
  ];
  it.each(forms)('as %s', async (form) => {
    const server = await serve(servePng);
    const error = await failureOf('image-fetch-blocked', () =>
      guardedDownload(`http://${form}:${server.port}/cat.png`),
    );
    expect(error.message).toMatch(/allowHosts/);
    expect(server.requests).toHaveLength(0);
  });

  it('as the metadata address, and the message says address, rule and way out', async () => {
    const error = await failureOf('image-fetch-blocked', () =>
      guardedDownload('http://169.254.169.254/latest/meta-data/'),
    );
    expect(error.message).toContain('169.254.169.254: link-local, where cloud metadata services live');
    expect(error.message).toContain('allowHosts');
  });

  it.each([
    [['127.0.0.1']],
    [['::1']],
    [['::ffff:10.0.0.1']],
    [['203.0.113.9']],
    [['8.8.8.8', '192.168.0.7']],
    [['169.254.169.254']],
    [['not-an-address']],
  ])('as a name that DNS resolves to %j', async (addresses) => {
    const server = await serve(servePng);
    const lookup = (): Promise<{ address: string; family: number }[]> =>
      Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
    await failureOf('image-fetch-blocked', () => guardedDownload(`http://pictures.test:${server.port}/`, { lookup }));
    expect(server.requests).toHaveLength(0);
  });

  it.each<[string, RegExp]>([
    ['http://169.254.169.254/', /metadata/],
    ['http://localhost:1/', /localhost/],
    ['http://internal.test/', /10\.0\.0\.7: private/],
    ['//[::1]/', /loopback/],
    ['file:///etc/passwd', /file: URL/],
    ['data:image/png;base64,AAAA', /data: URL/],
    ['http://user:pw@127.0.0.1/', /user name/],
    ['http://[', /not a URL/],
  ])('as a redirect to %s', async (location, words) => {
    const server = await serve((_request, response) => void response.writeHead(307, { location }).end());
    const lookup = (): Promise<{ address: string; family: number }[]> =>
      Promise.resolve([{ address: '10.0.0.7', family: 4 }]);
    const error = await failureOf('image-fetch-blocked', () =>
      guardedDownload(server.url, { ...allow(server), lookup }),
    );
    expect(error.message).toMatch(words);
    expect(server.requests).toHaveLength(1);
  });

  it('an allowed host does not open other ports of the same address by redirect', async () => {
    const secret = await serve(servePng);
    const server = await serve((_request, response) => void response.writeHead(302, { location: secret.url }).end());
    await failureOf('image-fetch-blocked', () => guardedDownload(server.url, allow(server)));
    expect(secret.requests).toHaveLength(0);
  });

  it('a redirect from https to http is refused, the other way is not', async () => {
    await failureOf('image-fetch-blocked', () => checkRedirect(new URL('https://a.test/x'), 'http://a.test/x'));
    expect(checkRedirect(new URL('http://a.test/x'), 'https://b.test/y').href).toBe('https://b.test/y');
    expect(checkRedirect(new URL('https://a.test/x/y'), '../z').href).toBe('https://a.test/z');
  });
});

describe('a URL that cannot be used is a wrong request', () => {
  it.each(['ftp://host/x', 'file:///etc/passwd', 'https://', 'http://user:pw@host/x', 'http://token@host/x'])(
    '%s',
    async (url) => {
      const error = await failureOf('invalid-request', () => guardedDownload(url));
      expect(error.message).not.toContain('pw');
    },
  );
});

describe('an answer that is no picture is refused', () => {
  it.each<[string, RequestListener, RegExp]>([
    [
      'a web page',
      (_, response) => void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>'),
      /web page/,
    ],
    [
      'JSON',
      (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
      /application\/json/,
    ],
    [
      'a web page that claims to be a picture',
      (_, response) => void response.writeHead(200, { 'content-type': 'image/png' }).end('<!doctype html><p>'),
      /looks like a web page/,
    ],
    ['an empty body', (_, response) => void response.writeHead(200, { 'content-type': 'image/png' }).end(), /is empty/],
    [
      'a gzip body',
      (_, response) =>
        void response.writeHead(200, { 'content-type': 'image/png', 'content-encoding': 'gzip' }).end(png),
      /gzip-encoded/,
    ],
    ['a part', (_, response) => void response.writeHead(206, { 'content-type': 'image/png' }).end(png), /status 206/],
    ['a redirect to nowhere', (_, response) => void response.writeHead(302).end(), /status 302/],
  ])('%s', async (_name, listener, words) => {
    const server = await serve(listener);
    const error = await failureOf('image-unreadable', () => loadMedia(server.url, { download: allow(server) }));
    expect(error.message).toMatch(words);
  });

  it.each([401, 404, 500])('HTTP status %i is kept in the error', async (status) => {
    const server = await serve((_request, response) => void response.writeHead(status).end('no'));
    const error = await failureOf('image-unreadable', () =>
      guardedDownload(`${server.url}?sig=abcdefghijklmnop`, allow(server)),
    );
    expect(error.status).toBe(status);
    expect(error.message).not.toContain('abcdefghijklmnop');
  });
});

describe('a body over the limit is cut', () => {
  it('at once when the length is stated', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': '1000000000' });
      response.write(png);
    });
    const error = await failureOf('image-too-large', () => guardedDownload(server.url, allow(server)));
    expect(error.message).toMatch(/953\.7 MiB; the limit for one source is 20 MiB/);
  });

  it('at the limit when the server streams a gigabyte without a length', async () => {
    const chunk = Buffer.alloc(1_000_000, 1);
    let sent = 0;
    let closed: (() => void) | undefined;
    const socketClosed = new Promise<void>((done) => (closed = done));
    const server = await serve((_request, response) => {
      response.on('close', () => closed?.());
      response.writeHead(200, { 'content-type': 'image/png' });
      const more = (): void => {
        while (sent < 1e9) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
      };
      more();
    });
    const error = await failureOf('image-too-large', () => guardedDownload(server.url, allow(server)));
    expect(error.message).toMatch(/more than 20 MiB/);
    await socketClosed;
    expect(sent).toBeGreaterThan(20e6);
    expect(sent).toBeLessThan(100e6);
  });

  it('and the caller can set the limit', async () => {
    const server = await serve(servePng);
    await failureOf('image-too-large', () => guardedDownload(server.url, { ...allow(server), maxBytes: 40 }));
  });
});

describe('a server that is slow or broken does not hold the call', () => {
  it.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    [
      'drips',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'image/png' });
        const drip = setInterval(() => response.write('x'), 10);
        response.on('close', () => clearInterval(drip));
      },
    ],
    [
      'redirects slowly',
      (_request, response) => void setTimeout(() => response.writeHead(302, { location: '/' }).end(), 60),
    ],
  ])('when it %s', async (_name, listener) => {
    const server = await serve(listener);
    const error = await failureOf('timeout', () => guardedDownload(server.url, { ...allow(server), timeoutMs: 150 }));
    expect(error.message).toMatch(/within 150 ms/);
  });

  it('when DNS never answers', async () => {
    const lookup = (): Promise<never> => new Promise(() => undefined);
    await failureOf('timeout', () => guardedDownload('http://silent.test/', { lookup, timeoutMs: 20 }));
  });

  it('when DNS fails or knows no address', async () => {
    const notFound = Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' });
    const error = await failureOf('network', () =>
      guardedDownload('http://gone.test/', { lookup: () => Promise.reject(notFound) }),
    );
    expect(error.message).toMatch(/gone\.test.*ENOTFOUND/);
    await failureOf('network', () => guardedDownload('http://gone.test/', { lookup: () => Promise.resolve([]) }));
  });

  it('when it closes inside the body or before the answer', async () => {
    const half = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': String(png.length) });
      response.write(png.subarray(0, 30), () => response.destroy());
    });
    await failureOf('network', () => guardedDownload(half.url, allow(half)));
    const none = await serve((request) => request.socket.destroy());
    await failureOf('network', () => guardedDownload(none.url, allow(none)));
  });

  it('when nobody listens, or something that is not HTTP does', async () => {
    const raw = createTcpServer((socket) => {
      socket.on('error', () => undefined).resume();
      socket.end('SSH-2.0-OpenSSH\r\n');
    });
    await new Promise<void>((done) => raw.listen(0, '127.0.0.1', done));
    const { port } = raw.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/`;
    await failureOf('network', () => guardedDownload(url, { allowHosts: ['127.0.0.1'] }));
    await new Promise((done) => raw.close(done));
    await failureOf('network', () => guardedDownload(url, { allowHosts: ['127.0.0.1'] }));
  });

  it('when the caller aborts, and the socket is closed', async () => {
    const controller = new AbortController();
    let closed: (() => void) | undefined;
    const socketClosed = new Promise<void>((done) => (closed = done));
    const server = await serve((_request, response) => {
      response.on('close', () => closed?.());
      response.writeHead(200, { 'content-type': 'image/png' });
      response.write(png.subarray(0, 10), () => controller.abort());
    });
    await failureOf('aborted', () => guardedDownload(server.url, allow(server), controller.signal));
    await socketClosed;
    await failureOf('aborted', () => guardedDownload(server.url, allow(server), controller.signal));
    expect(server.requests).toHaveLength(1);
  });
});
