export type { Capabilities, Limits, ModelDescription } from './model-row.js';
