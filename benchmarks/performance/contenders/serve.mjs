/** The side of a contender's own process: answers commands one at a time, and tells how long its event loop was held meanwhile. */

import { existsSync, readFileSync } from 'node:fs';

/** Processor time of the main thread in milliseconds, which others on the machine do not add to; on the clock where Linux is not there to tell. */
const account = `/proc/self/task/${process.pid}/schedstat`;
const held = existsSync(account)
  ? () => Number(readFileSync(account, 'utf8').split(' ')[0]) / 1e6
  : () => performance.now();

/** @param commands functions by name; what they return is sent back */
export function serve(commands) {
  let last = held();
  let stall = 0;
  setInterval(() => {
    const now = held();
    stall = Math.max(stall, now - last);
    last = now;
  }, 5);
  const answer = async ({ id, command, options }) => {
    last = held();
    stall = 0;
    try {
      const value = await commands[command](options ?? {});
      // One more turn, so that a stall at the very end is seen.
      await new Promise((resolve) => setTimeout(resolve, 10));
      process.send({ id, value: { ...value, stall, memory: process.resourceUsage().maxRSS / 1024 } });
    } catch (error) {
      process.send({ id, error: error?.stack ?? String(error) });
    }
  };
  process.on('message', (message) => void answer(message));
  process.on('disconnect', () => process.exit(0));
  process.send({ ready: true });
}
