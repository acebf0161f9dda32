/** The errors room: one class, a closed list of kinds, and the redaction every text goes through. */

export { errorKinds, type ErrorKind } from './error-kind.js';
export { OcelliError, type AttemptSummary, type OcelliErrorOptions } from './ocelli-error.js';
export { redact } from './redact.js';
