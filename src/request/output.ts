/** Structured output: what a caller may give as a schema. */

import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import type { JsonSchema } from './json.js';

/** Any Standard Schema (zod, valibot, arktype …) or a JSON Schema object. */
export type OutputSchema = StandardSchemaV1 | StandardJSONSchemaV1 | JsonSchema;

/** The type that a schema describes: a Standard Schema's output type, `unknown` for JSON Schema. */
export type InferOutput<S> = S extends StandardSchemaV1<unknown, infer Output> ? Output : unknown;

/** A schema as adapters see it. */
export interface PreparedOutput {
  /** Letters, digits, `_` and `-`, at most 64 characters. */
  readonly name: string;
  readonly schema: JsonSchema;
}
