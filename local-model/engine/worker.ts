/** Entry of the worker thread: a run of the network blocks its thread, so it must not be the caller's. */

import { parentPort } from 'node:worker_threads';
import { serve } from './host.js';
import type { ToHost } from './protocol.js';

const port = parentPort;
if (port !== null) {
  serve({
    post: (message) => port.postMessage(message),
    receive: (listener) => port.on('message', (message: ToHost) => listener(message)),
    // With its only port closed the thread has nothing left to do and ends by itself.
    close: () => port.close(),
  });
}
