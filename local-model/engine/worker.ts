/** Entry of the worker thread: a run of the network blocks its thread, so it must not be the caller's. */

import { parentPort, workerData } from 'node:worker_threads';
import { GraphThread } from './graph-thread.js';
import { serve } from './host.js';
import type { ToHost } from './protocol.js';
import type { HostThreadData } from './thread.js';

const port = parentPort;
if (port !== null) {
  const { beside } = workerData as HostThreadData;
  serve(
    {
      post: (message) => port.postMessage(message),
      receive: (listener) => port.on('message', (message: ToHost) => listener(message)),
      // With its only port closed the thread has nothing left to do and ends by itself.
      close: () => port.close(),
    },
    beside && new GraphThread(beside),
  );
}
