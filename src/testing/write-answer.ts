/** Writes a planned answer to a connection, at the speed and with the accidents its step asks for. */

import type { ServerResponse } from 'node:http';
import { writesOf, type AnswerPlan } from './answer-plan.js';
import type { ServerStep } from './server-step.js';
import { realClock } from './script-clock.js';
import type { Wire } from './wires/wire.js';

/** Long enough for the reader to take what was sent before the connection breaks. */
const readTimeMs = 10;

/**
 * Writes the answer.
 *
 * @param closed aborts when the caller has gone
 * @returns whether the answer went out, or the script cut it
 * @throws AbortError when the caller has gone
 */
export async function writeAnswer(
  response: ServerResponse,
  plan: AnswerPlan,
  step: ServerStep,
  wire: Wire,
  closed: AbortSignal,
): Promise<'answered' | 'cut'> {
  if (step.closeImmediately === true) {
    response.socket?.destroy();
    return 'cut';
  }
  response.socket?.setNoDelay(true);
  response.writeHead(plan.status, { ...plan.headers });
  response.flushHeaders();
  const wait = (milliseconds: number): Promise<void> => waitAlive(milliseconds, response, plan, step, wire, closed);
  await wait(step.firstEventDelayMs ?? 0);
  for (const [place, chunk] of plan.chunks.entries()) {
    if (place > 0) await wait(step.betweenEventsMs ?? 0);
    for (const piece of writesOf(chunk, step)) {
      await write(response, piece, closed);
      if (step.dripMs !== undefined) await realClock.sleep(step.dripMs, closed);
      else if (piece !== chunk) await nextTurn();
    }
  }
  if (plan.ending === 'hang') await wait(Number.POSITIVE_INFINITY);
  if (plan.ending === 'cut') {
    await realClock.sleep(readTimeMs, closed);
    response.socket?.destroy();
    return 'cut';
  }
  await end(response, closed);
  return 'answered';
}

function end(response: ServerResponse, closed: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClosed = (): void => {
      if (response.writableFinished) resolve();
      else reject(new DOMException('The caller has gone.', 'AbortError'));
    };
    if (closed.aborted) {
      onClosed();
      return;
    }
    closed.addEventListener('abort', onClosed, { once: true });
    response.end(resolve);
  });
}

/** Waits, and meanwhile sends what keeps a connection open when the step asks for it. */
async function waitAlive(
  milliseconds: number,
  response: ServerResponse,
  plan: AnswerPlan,
  step: ServerStep,
  wire: Wire,
  closed: AbortSignal,
): Promise<void> {
  const pause = step.keepAliveMs;
  if (pause === undefined || wire.keepAlive === undefined || !plan.isStream) {
    await realClock.sleep(milliseconds, closed);
    return;
  }
  for (let left = milliseconds; left > 0; left -= pause) {
    await realClock.sleep(Math.min(left, pause), closed);
    await write(response, wire.keepAlive, closed);
  }
}

function write(response: ServerResponse, piece: Uint8Array | string, closed: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (closed.aborted) {
      reject(new DOMException('The caller has gone.', 'AbortError'));
      return;
    }
    const onClosed = (): void => reject(new DOMException('The caller has gone.', 'AbortError'));
    closed.addEventListener('abort', onClosed, { once: true });
    response.write(piece, () => {
      closed.removeEventListener('abort', onClosed);
      resolve();
    });
  });
}

/** Lets the written piece leave as a packet of its own. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
