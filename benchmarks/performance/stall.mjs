/**
 * How long the event loop is held at a stretch while something is done. On a machine that others use too, a late timer says little: what
 * counts is the processor time that this thread used between two turns of a timer.
 */

import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { median } from './measure.mjs';

/** Worst and median of several rounds, in milliseconds. `held`: processor time at a stretch; `late`: how late a timer was. */
export async function stallWhile(work, rounds) {
  await work();
  const held = [];
  const late = [];
  for (let round = 0; round < rounds; round += 1) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await new Promise((settle) => setTimeout(settle, 5));
    delay.reset();
    let last = processorTime();
    let longest = 0;
    const timer = setInterval(() => {
      const now = processorTime();
      longest = Math.max(longest, now - last);
      last = now;
    }, 1);
    await work();
    longest = Math.max(longest, processorTime() - last);
    clearInterval(timer);
    delay.disable();
    held.push(longest);
    // The timer's own millisecond is no delay.
    late.push(Math.max(0, delay.max / 1e6 - 1));
  }
  return { held: Math.max(...held), heldMedian: median(held), late: Math.max(...late), lateMedian: median(late) };
}

/** Milliseconds that the main thread has run; what it waited for a processor does not count. Linux only. */
function processorTime() {
  const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  return Number(nanoseconds) / 1e6;
}
