/** Says whether a JSON Schema keeps to what OpenAI's `strict` mode takes; any other schema is answered there with 400. */

import type { JsonObject, JsonSchema, JsonValue } from '../../src/request/index.js';

/**
 * Keywords that the structured outputs guide lists, for types and for string, number and array properties. Source:
 * https://developers.openai.com/api/docs/guides/structured-outputs, checked on 2026-11-24 in a stored copy. `title`, `$schema` and `$ref` are in its examples.
 * A keyword that is not listed costs the guarantee, never the call: the schema then goes out with `strict: false`.
 */
const knownKeywords = new Set([
  '$schema',
  '$ref',
  '$defs',
  'definitions',
  'type',
  'title',
  'description',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'minItems',
  'maxItems',
  'enum',
  'const',
  'anyOf',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
]);

const knownFormats = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid']);

/** True when every object names all of its properties as required and allows no others, and only known keywords are used. */
export function isStrictSchema(schema: JsonSchema): boolean {
  return schema['type'] === 'object' && schema['anyOf'] === undefined && isStrict(schema);
}

function isStrict(value: JsonValue | undefined): boolean {
  if (!isObject(value)) return false;
  if (!Object.keys(value).every((keyword) => knownKeywords.has(keyword))) return false;
  const format = value['format'];
  if (format !== undefined && !(typeof format === 'string' && knownFormats.has(format))) return false;
  if (isObjectType(value['type']) && !isClosedObject(value)) return false;
  return children(value).every(isStrict);
}

function isClosedObject(schema: JsonObject): boolean {
  const properties = schema['properties'];
  const required = schema['required'];
  if (schema['additionalProperties'] !== false || !isObject(properties) || !Array.isArray(required)) return false;
  return Object.keys(properties).every((name) => required.includes(name));
}

function isObjectType(type: JsonValue | undefined): boolean {
  return type === 'object' || (Array.isArray(type) && type.includes('object'));
}

function children(schema: JsonObject): readonly (JsonValue | undefined)[] {
  const maps = [schema['properties'], schema['$defs'], schema['definitions']];
  return [
    ...maps.flatMap((map) => (isObject(map) ? Object.values(map) : [])),
    ...(Array.isArray(schema['anyOf']) ? (schema['anyOf'] as readonly JsonValue[]) : []),
    ...(schema['items'] === undefined ? [] : [schema['items']]),
  ];
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
