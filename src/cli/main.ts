#!/usr/bin/env node
/** The `ocelli` program: connects the command line to this process. */

import { createRequire } from 'node:module';
import { run } from './program.js';

const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string };

const interrupted = new AbortController();
process.once('SIGINT', () => {
  interrupted.abort();
  // A second Ctrl-C ends the process the usual way, since this handler is gone by then.
});
// A reader that closes the pipe early (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv.slice(2), version, {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  signal: interrupted.signal,
});
