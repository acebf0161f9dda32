/** The cost room: from what a call used to what it cost. */

export { costOf, type CostOptions } from './cost-of.js';
