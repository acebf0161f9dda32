/** Tools that a model may ask for. ocelli runs none itself; the docs show the loop. */

import type { JsonSchema } from './json.js';
import type { OutputSchema } from './output.js';

export interface Tool {
  /** Letters, digits, `_` and `-`, at most 64 characters: what every provider takes. */
  readonly name: string;
  readonly description?: string;
  /** What the arguments look like: JSON Schema of an object, or any Standard Schema. */
  readonly parameters: OutputSchema;
}

/** `auto`: the model decides; `none`: no tool; `required`: some tool; `{ name }`: this tool. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** A tool as adapters see it: its parameters are JSON Schema. */
export interface PreparedTool {
  readonly name: string;
  readonly description?: string;
  readonly parameters: JsonSchema;
}
