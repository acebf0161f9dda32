/** The commands of `ocelli bench` that need the harness, in one file so that one import loads them. */

export { generate } from './bench-generate.js';
export { list } from './bench-list.js';
export { runBench } from './bench-run.js';
export { score } from './bench-score.js';
