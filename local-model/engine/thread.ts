/** Starts the thread that a model runs in, and ends it without ever cutting a native run short. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { packageRoot } from '../../src/package-root.js';
import { serve } from './host.js';
import { localModelError, reasonOf } from './local-model-error.js';
import { createGateMemory, stopNative, waitForNative } from './native-gate.js';
import type { FromHost, ToHost } from './protocol.js';

/** A running host, whether in a worker or in this thread. */
export interface HostThread {
  readonly gate: SharedArrayBuffer;
  post(message: ToHost): void;
  /** While true the process stays alive for it. */
  keepAlive(busy: boolean): void;
  /** Resolves when the thread is gone; asks it to close first. */
  close(): Promise<void>;
}

export interface ThreadListeners {
  message(message: FromHost): void;
  /** The thread ended although nobody had asked it to. */
  lost(error: Error): void;
}

/** How long a thread may take over closing before it is ended, which is safe only because no native run can be under way by then. */
const closePatienceMs = 10_000;
/** How long the end of the process may be held up by a run that is under way. */
const exitPatienceMs = 5_000;

const running = new Set<SharedArrayBuffer>();

/** A process that ends while a worker is in native code is aborted; so its end waits for the run. */
function waitAtExit(): void {
  for (const gate of running) waitForNative(gate, exitPatienceMs);
}

export function startThread(runInProcess: boolean, listeners: ThreadListeners): HostThread {
  return runInProcess ? startInProcess(listeners) : startWorker(listeners);
}

function startWorker(listeners: ThreadListeners): HostThread {
  const gate = createGateMemory();
  // Options of the caller's own process (`--eval`, `--input-type`, a TypeScript loader) mean nothing to a built file, and some are refused.
  const thread = new Worker(workerFile(), { execArgv: [] });
  let closing = false;
  const gone = new Promise<void>((resolve) => {
    thread.once('exit', () => {
      running.delete(gate);
      if (running.size === 0) process.removeListener('exit', waitAtExit);
      if (!closing) listeners.lost(localModelError('The thread of the local model ended unexpectedly.'));
      resolve();
    });
  });
  thread.on('message', (message: FromHost) => listeners.message(message));
  thread.on('error', (error: unknown) => {
    listeners.lost(localModelError(`The thread of the local model failed: ${reasonOf(error)}`));
  });
  if (running.size === 0) process.on('exit', waitAtExit);
  running.add(gate);
  return {
    gate,
    post: (message) => thread.postMessage(message, []),
    keepAlive: (busy) => (busy ? thread.ref() : thread.unref()),
    async close() {
      closing = true;
      thread.ref();
      thread.postMessage({ type: 'close' } satisfies ToHost, []);
      const patience = setTimeout(() => {
        if (stopNative(gate)) void thread.terminate();
      }, closePatienceMs);
      await gone;
      clearTimeout(patience);
    },
  };
}

/** The same host and the same messages, structured clone included, without a thread: for debugging and for tests from source. */
function startInProcess(listeners: ThreadListeners): HostThread {
  const { port1, port2 } = new MessageChannel();
  const closed = new Promise<void>((resolve) => {
    port1.once('close', resolve);
  });
  port1.on('message', (message: FromHost) => listeners.message(message));
  serve({
    post: (message) => port2.postMessage(message),
    receive: (listener) => port2.on('message', (message: ToHost) => listener(message)),
    close: () => port2.close(),
  });
  port2.unref();
  return {
    gate: createGateMemory(),
    post: (message) => port1.postMessage(message),
    keepAlive: (busy) => (busy ? port1.ref() : port1.unref()),
    async close() {
      port1.ref();
      port1.postMessage({ type: 'close' } satisfies ToHost);
      await closed;
    },
  };
}

/** Always the built one, also when run from TypeScript source (tests): Node 20 cannot start TypeScript. */
function workerFile(): URL {
  const root = packageRoot();
  const file = root === undefined ? undefined : join(root, 'dist/local-model/engine/worker.js');
  if (file !== undefined && existsSync(file)) return pathToFileURL(file);
  throw localModelError(
    root === undefined
      ? 'The worker of the local engine is not found. Keep ocelli external when you bundle your program.'
      : 'The worker of the local engine is not built. Run `npm run build` first.',
  );
}
