/** The route room: who answers a call, what is tried again, what comes next, and the one stream of events that comes out. */

export {
  needsOf,
  type Candidate,
  type ModelChoice,
  type ModelInput,
  type Needs,
  type RouteOptions,
  type RoutePolicy,
} from './candidate.js';
export { systemClock, type Clock } from './clock.js';
export { CooldownTable, type CooldownPolicy } from './cooldown.js';
export { failureTable, type FailureAction } from './failure-table.js';
export { describeBody } from './describe-body.js';
export { prepareCandidate, type PreparedCandidate, type RequestMedia } from './prepare-candidate.js';
export type { Prepared } from './prepared-call.js';
export { estimateCall, mediaOf, orderByPrice, refuseTooLong, withImageTokens } from './price-calls.js';
export { openPurse } from './purse.js';
export { resolveCandidates, type Resolved } from './resolve.js';
export { defaultRetryPolicy, type RetryPolicy } from './retry-timing.js';
export type { Call, CandidateOrSkip, OutputCheck } from './call.js';
export { failedCall, runCall } from './run.js';
