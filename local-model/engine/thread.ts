/** Starts the thread that a model runs in, and ends it without ever cutting a native run short. */

import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { GraphThreadData } from './graph-messages.js';
import { serve } from './host.js';
import { localModelError, reasonOf } from './local-model-error.js';
import { createGateMemory, stopNative, waitForNative } from './native-gate.js';
import type { Channel, FromHost, ToHost } from './protocol.js';
import { workerFile } from './worker-file.js';

/** What runs in a thread: its file below dist, and the same for this thread. It must know the message `{ type: 'close' }`. */
export interface HostProgram<To, From> {
  readonly file: string;
  /** A second thread for it, started at the same time; what is in that file is given one end of a channel, and the host the other. */
  readonly beside?: string;
  serve(channel: Channel<From, To>): void;
}

/** What the thread of a host is started with. */
export interface HostThreadData {
  readonly beside?: MessagePort;
}

const engineProgram: HostProgram<ToHost, FromHost> = {
  file: 'dist/local-model/engine/worker.cjs',
  beside: 'dist/local-model/engine/graph-worker.cjs',
  serve,
};

/** A running host, whether in a worker or in this thread. */
export interface HostThread<To = ToHost> {
  readonly gate: SharedArrayBuffer;
  post(message: To | { readonly type: 'close' }): void;
  /** While true the process stays alive for it. */
  keepAlive(busy: boolean): void;
  /** Resolves when the thread is gone; asks it to close first. */
  close(): Promise<void>;
}

export interface ThreadListeners<From = FromHost> {
  message(message: From): void;
  /** The thread ended although nobody had asked it to. */
  lost(error: Error): void;
}

/** How long a thread may take over closing before it is ended, which is safe only because no native run can be under way by then. */
const closePatienceMs = 10_000;
/** How long the end of the process may be held up by a run that is under way. */
const exitPatienceMs = 5_000;

/** Options of the caller's own process (`--eval`, `--input-type`, a TypeScript loader) mean nothing to a built file, and some are refused. */
const execArgv: string[] = [];

const running = new Set<SharedArrayBuffer>();

/** A process that ends while a worker is in native code is aborted; so its end waits for the run. */
function waitAtExit(): void {
  for (const gate of running) waitForNative(gate, exitPatienceMs);
}

export function startThread(runInProcess: boolean, listeners: ThreadListeners): HostThread {
  return startProgram(engineProgram, runInProcess, listeners);
}

export function startProgram<To, From>(
  program: HostProgram<To, From>,
  runInProcess: boolean,
  listeners: ThreadListeners<From>,
): HostThread<To> {
  return runInProcess ? startInProcess(program, listeners) : startWorker(program, listeners);
}

function startWorker<To, From>(program: HostProgram<To, From>, listeners: ThreadListeners<From>): HostThread<To> {
  const gate = createGateMemory();
  const file = workerFile(program.file);
  const beside = program.beside === undefined ? undefined : startBeside(program.beside, gate);
  const workerData: HostThreadData = beside === undefined ? {} : { beside: beside.port };
  const transferList = beside === undefined ? [] : [beside.port];
  const thread = new Worker(file, { execArgv, workerData, transferList });
  const threads = beside === undefined ? [thread] : [thread, beside.thread];
  let closing = false;
  const gone = allGone(threads, gate);
  for (const each of threads) {
    each.once('exit', () => {
      if (closing) return;
      listeners.lost(localModelError('The thread of the local model ended unexpectedly.'));
      // One without the other is of no use.
      thread.postMessage({ type: 'close' }, []);
    });
    each.on('error', (error: unknown) => {
      if (!closing) listeners.lost(localModelError(`The thread of the local model failed: ${reasonOf(error)}`));
    });
  }
  thread.on('message', (message: From) => listeners.message(message));
  if (running.size === 0) process.on('exit', waitAtExit);
  running.add(gate);
  return {
    gate,
    post: (message) => thread.postMessage(message, []),
    keepAlive: (busy) => (busy ? thread.ref() : thread.unref()),
    async close() {
      closing = true;
      for (const each of threads) each.ref();
      thread.postMessage({ type: 'close' }, []);
      const patience = setTimeout(() => {
        if (stopNative(gate)) for (const each of threads) void each.terminate();
      }, closePatienceMs);
      await gone;
      clearTimeout(patience);
    },
  };
}

function startBeside(file: string, gate: SharedArrayBuffer): { readonly thread: Worker; readonly port: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  const workerData: GraphThreadData = { gate, port: port1 };
  const thread = new Worker(workerFile(file), { execArgv, workerData, transferList: [port1] });
  // The host it works for keeps the process alive, not it.
  thread.unref();
  return { thread, port: port2 };
}

async function allGone(threads: readonly Worker[], gate: SharedArrayBuffer): Promise<void> {
  await Promise.all(threads.map((thread) => new Promise((resolve) => thread.once('exit', resolve))));
  running.delete(gate);
  if (running.size === 0) process.removeListener('exit', waitAtExit);
}

/** The same host and the same messages, structured clone included, without a thread: for debugging and for tests from source. */
function startInProcess<To, From>(program: HostProgram<To, From>, listeners: ThreadListeners<From>): HostThread<To> {
  const { port1, port2 } = new MessageChannel();
  const closed = new Promise<void>((resolve) => {
    port1.once('close', resolve);
  });
  port1.on('message', (message: From) => listeners.message(message));
  program.serve({
    post: (message) => port2.postMessage(message),
    receive: (listener) => port2.on('message', (message: To) => listener(message)),
    close: () => port2.close(),
  });
  port2.unref();
  return {
    gate: createGateMemory(),
    post: (message) => port1.postMessage(message),
    keepAlive: (busy) => (busy ? port1.ref() : port1.unref()),
    async close() {
      port1.ref();
      port1.postMessage({ type: 'close' });
      await closed;
    },
  };
}
