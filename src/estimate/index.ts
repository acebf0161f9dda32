/** The estimate room and the entry `ocelli/estimate`: pure, synchronous, without I/O, for Node and browsers alike. */

export { estimateImage, type ImageQuery } from './estimate-image.js';
export type { Estimate, ImageEstimate, Rejection, Size } from './estimate-record.js';
export { rowOf, type ModelChoice } from './find-row.js';
