/** Rewrites a JSON Schema for the wires whose structured output takes only closed objects and a few keywords. */

import type { JsonSchema, JsonValue } from '../../src/request/index.js';

/** Keywords that are enforced while the answer is written (by the helper in Anthropic's SDK 1.12). */
const enforced = new Set(['type', 'required', 'enum', 'const', '$ref', 'title', 'description', 'format', 'minItems']);
const formats = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid']);

/** Limits that the API refuses as keywords; as words they still reach the model. */
const asWords: ReadonlySet<string> = new Set(
  'minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern minItems maxItems format'.split(
    ' ',
  ),
);

/**
 * Closed objects, `oneOf` as `anyOf`, and no keyword that the API would refuse: limits go into the description, and the reply is
 * checked against the caller's own schema afterwards.
 *
 * @example closedSchema({ type: 'object', properties: { n: { type: 'integer', minimum: 0 } } });
 * // { type: 'object', properties: { n: { type: 'integer', description: 'minimum: 0' } }, additionalProperties: false }
 */
export function closedSchema(schema: JsonSchema): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'properties' || keyword === '$defs' || keyword === 'definitions')
      result[keyword] = eachSchema(value);
    else if (keyword === 'anyOf' || keyword === 'allOf' || keyword === 'items') result[keyword] = anySchema(value);
    else if (keyword === 'oneOf') result['anyOf'] = anySchema(value);
    else if (keyword === 'format' && (typeof value !== 'string' || !formats.has(value))) continue;
    else if (keyword === 'minItems' && value !== 0 && value !== 1) continue;
    else if (enforced.has(keyword)) result[keyword] = value;
  }
  if (schema['type'] === 'object' || schema['properties'] !== undefined) result['additionalProperties'] = false;
  const words = Object.entries(schema)
    .flatMap(([keyword, value]) =>
      asWords.has(keyword) && isLimit(value) && !(keyword in result) ? `${keyword}: ${value}` : [],
    )
    .join(', ');
  if (words !== '')
    result['description'] = typeof schema['description'] === 'string' ? `${schema['description']} (${words})` : words;
  return result;
}

/** The bounds that generators write for "any integer" say nothing. */
function isLimit(value: JsonValue | undefined): value is string | number {
  return typeof value === 'string' || (typeof value === 'number' && Math.abs(value) !== Number.MAX_SAFE_INTEGER);
}

function eachSchema(schemas: JsonValue | undefined): unknown {
  if (typeof schemas !== 'object' || schemas === null) return schemas;
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, anySchema(schema as JsonValue)]));
}

function anySchema(schema: JsonValue | undefined): unknown {
  if (Array.isArray(schema)) return schema.map((one: JsonValue) => anySchema(one));
  return typeof schema === 'object' && schema !== null ? closedSchema(schema as JsonSchema) : schema;
}
