/** What the router holds of a request that is ready for one candidate. */

import type { CallEstimate, MediaReport, Warning } from '../request/index.js';

/** What would be sent to one candidate. */
export interface Prepared {
  readonly body: unknown;
  readonly warnings: readonly Warning[];
  readonly images: readonly MediaReport[];
  /** Stop texts that this wire does not know. */
  readonly emulatedStop: readonly string[];
  readonly maxOutputTokens: number;
  /** The body with another limit on the answer, for when a budget pays for less. */
  readonly withMaxOutputTokens: (maxOutputTokens: number) => unknown;
  /** What it will probably cost; `undefined` for a model without a catalogue row. */
  readonly estimate?: CallEstimate | undefined;
}
