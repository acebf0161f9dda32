/**
 * A server for throughput: answers every request alike after `delay` milliseconds, with the bytes that the fake server of the wire once
 * gave. It reads each request to its end but parses none, so that the client, not it, is what is measured.
 *
 *   fork('bench-throughput-server.mjs', [wire, delay])
 */

import { createServer, request } from 'node:http';
import { createFakeServer } from '../../dist/src/testing/index.js';

const [, , wire, delayText] = process.argv;
const delay = Number(delayText);
/** By path: Google has the model in it. */
const answers = new Map();
const fake = await createFakeServer({ wire, default: { reply: { text: ['{', '3', '}'] } } });

const server = createServer((incoming, response) => {
  const known = answers.get(incoming.url);
  if (known === undefined) {
    const chunks = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => void learn(incoming, Buffer.concat(chunks)).then((answer) => send(response, answer)));
    return;
  }
  incoming.resume();
  incoming.on('end', () => {
    if (delay === 0) send(response, known);
    else setTimeout(send, delay, response, known);
  });
});
server.keepAliveTimeout = 120_000;

function send(response, { status, headers, body }) {
  response.writeHead(status, headers);
  response.end(body);
}

/** Asks the fake server and keeps its answer. */
async function learn(incoming, body) {
  const answer = await new Promise((resolve, reject) => {
    const { method, url, headers } = incoming;
    const asked = request(`${fake.origin}${url}`, { method, headers }, (reply) => {
      const chunks = [];
      reply.on('data', (chunk) => chunks.push(chunk));
      reply.on('end', () =>
        resolve({
          status: reply.statusCode,
          headers: { 'content-type': reply.headers['content-type'] },
          body: Buffer.concat(chunks),
        }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
  answers.set(incoming.url, answer);
  return answer;
}

server.listen(0, '127.0.0.1', () => {
  const base = new URL(fake.url).pathname.replace(/\/$/, '');
  process.send({ url: `http://127.0.0.1:${server.address().port}${base}` });
});
process.on('disconnect', () => process.exit(0));
