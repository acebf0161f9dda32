/** One line on a terminal that says how far a run is: calls, tokens, money, rate and time left. */

import type { RunProgress } from '../../benchmarks/index.js';
import type { Io } from './io.js';
import { wholeNumberText } from './table.js';

const eraseLine = '\r\u001b[2K';
/** Milliseconds between two lines. */
const pauseMs = 100;

export interface ProgressLine {
  readonly show: (progress: RunProgress) => void;
  /** Takes the line away. */
  readonly end: () => void;
}

/** Writes nothing where standard error is no terminal. */
export function progressLine(io: Io, now: () => number = Date.now): ProgressLine {
  let shownAt = 0;
  let shown = false;
  return {
    show: (progress) => {
      if (io.stderr.isTTY !== true || now() - shownAt < pauseMs) return;
      shownAt = now();
      shown = true;
      io.stderr.write(`${eraseLine}${progressText(progress)}`);
    },
    end: () => {
      if (shown) io.stderr.write(eraseLine);
    },
  };
}

/** The line itself. */
export function progressText(progress: RunProgress): string {
  const { step, planned, done, doneNow, elapsedMs, failed, skipped, inputTokens, outputTokens, usd } = progress;
  const seconds = elapsedMs / 1_000;
  const rate = seconds > 0 ? doneNow / seconds : 0;
  const parts = [`${step} ${done}/${planned}`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  if (step === 'asking') {
    parts.push(`${wholeNumberText(inputTokens)} + ${wholeNumberText(outputTokens)} tokens`);
    parts.push(`${usd.toFixed(usd < 1 ? 4 : 2)} USD`);
  }
  if (rate > 0) {
    parts.push(`${rate.toFixed(rate < 10 ? 1 : 0)}/s`);
    parts.push(`${timeText((planned - done) / rate)} left`);
  }
  return parts.join(' · ');
}

function timeText(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.round((seconds % 3_600) / 60)} min`;
}
