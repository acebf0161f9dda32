/** Makes JSON Schema of what a caller gave as `output` or `parameters`, and checks answers against it. */

import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import { OcelliError } from '../errors/index.js';
import type { JsonSchema, JsonValue } from './json.js';
import type { OutputSchema } from './output.js';

/** Either the checked value or what is wrong with it, in words. */
export type SchemaCheck = { readonly value: unknown } | { readonly problem: string };

/** How many problems an error message lists. */
const maxProblems = 3;

/**
 * JSON Schema (draft 2020-12) of a Standard Schema or of a JSON Schema object.
 *
 * @throws OcelliError `invalid-request` when it is neither, or when the schema library cannot express it
 */
export function toJsonSchema(schema: OutputSchema, field: string): JsonSchema {
  if (isStandard(schema)) {
    const converter = (schema as Partial<StandardJSONSchemaV1>)['~standard']?.jsonSchema;
    if (converter === undefined) {
      const vendor = schema['~standard'].vendor;
      throw new OcelliError(
        'invalid-request',
        `\`${field}\` is a ${vendor} schema that cannot describe itself as JSON Schema. Use a newer ${vendor} (zod 4.2 and later can), or give JSON Schema.`,
      );
    }
    try {
      // The model writes what goes into the schema; the library's own transforms run on it afterwards.
      const { $schema: _, ...rest } = converter.input({ target: 'draft-2020-12' });
      return rest as JsonSchema;
    } catch (error) {
      throw new OcelliError(
        'invalid-request',
        `\`${field}\` cannot be written as JSON Schema: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    throw new OcelliError('invalid-request', `\`${field}\` must be a Standard Schema or a JSON Schema object.`);
  }
  checkJsonSchemaShape(schema, field);
  return schema;
}

/**
 * Checks a value against what the caller gave.
 *
 * @example
 * await checkAgainstSchema({ type: 'object', required: ['n'] }, {}); // { problem: '…"n"…' }
 */
export async function checkAgainstSchema(schema: OutputSchema, value: JsonValue): Promise<SchemaCheck> {
  if (isStandard(schema) && 'validate' in schema['~standard']) {
    const result = await (schema as StandardSchemaV1)['~standard'].validate(value);
    if (result.issues === undefined) return { value: result.value };
    return {
      problem: result.issues
        .slice(0, maxProblems)
        .map((issue) => `${pathOf(issue)}${issue.message}`)
        .join('; '),
    };
  }
  const { Validator } = await import('@cfworker/json-schema');
  const result = new Validator(schema, '2020-12', false).validate(value);
  if (result.valid) return { value };
  return {
    problem: result.errors
      .slice(-maxProblems)
      .map((error) => `${error.instanceLocation}: ${error.error}`)
      .join('; '),
  };
}

function isStandard(schema: unknown): schema is StandardSchemaV1 | StandardJSONSchemaV1 {
  // Some libraries make callable schemas (arktype), so functions count too.
  return (
    ((typeof schema === 'object' && schema !== null) || typeof schema === 'function') &&
    '~standard' in (schema as Record<string, unknown>)
  );
}

function pathOf(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  return path.length === 0 ? '' : `${path.join('.')}: `;
}

const jsonTypes = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);

/** Catches what providers would only answer with an obscure 400: wrong `type` words and shapes, at any depth. */
function checkJsonSchemaShape(schema: JsonSchema, field: string): void {
  const types = Array.isArray(schema['type']) ? schema['type'] : schema['type'] === undefined ? [] : [schema['type']];
  for (const type of types) {
    if (typeof type !== 'string' || !jsonTypes.has(type)) {
      throw new OcelliError(
        'invalid-request',
        `\`${field}.type\` is ${JSON.stringify(type)}; JSON Schema knows ${[...jsonTypes].join(', ')}.`,
      );
    }
  }
  const required = schema['required'];
  if (required !== undefined && !(Array.isArray(required) && required.every((name) => typeof name === 'string'))) {
    throw new OcelliError('invalid-request', `\`${field}.required\` must be a list of property names.`);
  }
  const properties = schema['properties'];
  if (properties !== undefined) {
    if (!isObject(properties)) {
      throw new OcelliError('invalid-request', `\`${field}.properties\` must be an object of schemas.`);
    }
    for (const [name, property] of Object.entries(properties)) {
      if (typeof property === 'boolean') continue;
      if (!isObject(property)) {
        throw new OcelliError('invalid-request', `\`${field}.properties.${name}\` must be a schema.`);
      }
      checkJsonSchemaShape(property, `${field}.properties.${name}`);
    }
  }
  const items = schema['items'];
  if (isObject(items)) checkJsonSchemaShape(items, `${field}.items`);
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
