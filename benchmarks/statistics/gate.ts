/** The gate of a build: whether a candidate may replace its baseline, decided on an interval and never on a point. */

import { OcelliError } from '../../src/index.js';
import type { Interval } from './intervals.js';

/** What the gate says. Only `regression` is evidence against the candidate; `inconclusive` asks for more items. */
export type GateVerdict = 'pass' | 'regression' | 'inconclusive';

/**
 * Non-inferiority with three results: pass if the whole interval of candidate − baseline lies at or above −margin, regression if
 * all of it lies below, else inconclusive (Piaggio et al. 2012, CONSORT for non-inferiority).
 *
 * @param margin the loss in accuracy that is put up with, such as 0.02; at least 0
 * @throws OcelliError `invalid-request` for a negative margin.
 * @example
 * gate({ lower: -0.01, upper: 0.03 }, 0.02); // 'pass'
 */
export function gate({ lower, upper }: Pick<Interval, 'lower' | 'upper'>, margin: number): GateVerdict {
  if (!(margin >= 0))
    throw new OcelliError(
      'invalid-request',
      `The margin was ${margin}; expected 0 or more, such as 0.02 for two points.`,
    );
  if (lower >= -margin) return 'pass';
  return upper < -margin ? 'regression' : 'inconclusive';
}
