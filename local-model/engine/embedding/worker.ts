/** Entry of the dual encoder's thread: a run of a tower blocks its thread, so it must not be the caller's. */

import { parentPort } from 'node:worker_threads';
import { serveEncoder } from './host.js';
import type { ToEncoder } from './protocol.js';

const port = parentPort;
if (port !== null) {
  serveEncoder({
    post: (message) => port.postMessage(message),
    receive: (listener) => port.on('message', (message: ToEncoder) => listener(message)),
    close: () => port.close(),
  });
}
