/** Schemas as sets of values: what is in two of them at once, and whether two have anything in common. */

import { isRecord, type JsonRecord } from '../json.js';
import { unsupported } from './schema-keywords.js';

export type Schema = JsonRecord | boolean;

/** Follows references until there is none. */
export type Resolve = (schema: unknown) => Schema;

const allTypes: readonly string[] = ['object', 'array', 'string', 'number', 'boolean', 'null'];

/** Keywords of one type: where only these are given, that type is meant. */
const wordsOfType: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties', 'propertyNames', 'minProperties', 'maxProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
};

/** The types that a schema's values may have; `integer` only where `number` is not among them. */
export function typesOf(schema: JsonRecord): readonly string[] {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) {
    const types = [...new Set(type as string[])];
    return types.includes('number') ? types.filter((name) => name !== 'integer') : types;
  }
  const meant = Object.keys(wordsOfType).filter((name) =>
    wordsOfType[name]?.some((word) => schema[word] !== undefined),
  );
  return meant.length === 0 ? allTypes : meant;
}

/** The values that a schema lists, of its types; `undefined` when it lists none. */
export function valuesOf(schema: JsonRecord): readonly unknown[] | undefined {
  const listed = Array.isArray(schema['enum']) ? (schema['enum'] as unknown[]) : undefined;
  const fixed = Object.hasOwn(schema, 'const') ? [schema['const']] : undefined;
  const values = listed !== undefined && fixed !== undefined ? common(listed, fixed) : (listed ?? fixed);
  if (values === undefined) return undefined;
  const further = ['anyOf', 'oneOf', 'allOf', ...Object.values(wordsOfType).flat()].filter(
    (word) => schema[word] !== undefined,
  );
  if (further.length > 0) throw unsupported('output', `lists values together with \`${further[0] ?? ''}\``);
  return schema['type'] === undefined ? values : values.filter((value) => hasType(value, typesOf(schema)));
}

function hasType(value: unknown, types: readonly string[]): boolean {
  if (typeof value === 'number')
    return types.includes('number') || (types.includes('integer') && Number.isInteger(value));
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return types.includes(type);
}

function common(first: readonly unknown[], second: readonly unknown[]): readonly unknown[] {
  const texts = new Set(second.map((value) => JSON.stringify(value)));
  return first.filter((value) => texts.has(JSON.stringify(value)));
}

/** True only when no value can fit both. */
export function areDisjoint(one: unknown, other: unknown, resolve: Resolve): boolean {
  const [first, second] = [resolve(one), resolve(other)];
  if (first === false || second === false) return true;
  if (!isRecord(first) || !isRecord(second)) return false;
  const [values, others] = [listOf(first), listOf(second)];
  if (values !== undefined && others !== undefined) return common(values, others).length === 0;
  const types = values === undefined ? declaredTypes(first) : undefined;
  const otherTypes = others === undefined ? declaredTypes(second) : undefined;
  if (values !== undefined) return values.every((value) => !hasType(value, otherTypes ?? []));
  if (others !== undefined) return others.every((value) => !hasType(value, types ?? []));
  const isShared = (type: string): boolean =>
    (otherTypes ?? []).some((name) => name === type || [name, type].every((word) => /^(number|integer)$/.test(word)));
  const shared = (types ?? []).filter(isShared);
  if (shared.length === 0) return true;
  return shared.every((type) => type === 'object') && differInProperty(first, second, resolve);
}

function listOf(schema: JsonRecord): readonly unknown[] | undefined {
  if (Array.isArray(schema['enum'])) return schema['enum'] as unknown[];
  return Object.hasOwn(schema, 'const') ? [schema['const']] : undefined;
}

/** Without guessing: a schema that names no type may take any. */
function declaredTypes(schema: JsonRecord): readonly string[] {
  return schema['type'] === undefined ? allTypes : typesOf(schema);
}

/** A property that both require and that cannot have the same value in both. */
function differInProperty(first: JsonRecord, second: JsonRecord, resolve: Resolve): boolean {
  const [one, other] = [first['properties'], second['properties']];
  const [needed, alsoNeeded] = [listed(first['required']), listed(second['required'])];
  if (!isRecord(one) || !isRecord(other)) return false;
  return needed.some(
    (name) =>
      typeof name === 'string' &&
      alsoNeeded.includes(name) &&
      Object.hasOwn(one, name) &&
      Object.hasOwn(other, name) &&
      areDisjoint(one[name], other[name], resolve),
  );
}

/** A schema of the values that fit both. */
export function merge(one: unknown, other: unknown, resolve: Resolve): Schema {
  const [first, second] = [flattened(resolve(one), resolve), flattened(resolve(other), resolve)];
  if (first === false || second === false) return false;
  if (first === true) return second;
  if (second === true) return first;
  const result: Record<string, unknown> = { ...first };
  for (const [word, value] of Object.entries(second)) {
    if (word === 'properties' || word === 'additionalProperties') continue;
    result[word] = result[word] === undefined ? value : both(word, result[word], value, resolve);
  }
  if (first['type'] !== undefined && second['type'] !== undefined) result['type'] = sharedTypes(first, second);
  return mergeProperties(result, first, second);
}

/** `allOf` worked in. */
function flattened(schema: Schema, resolve: Resolve): Schema {
  if (!isRecord(schema) || !Array.isArray(schema['allOf'])) return schema;
  const { allOf, ...base } = schema;
  return (allOf as unknown[]).reduce<Schema>((sum, part) => merge(sum, part, resolve), base);
}

function both(word: string, first: unknown, second: unknown, resolve: Resolve): unknown {
  switch (word) {
    case 'minimum':
    case 'exclusiveMinimum':
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return Math.max(first as number, second as number);
    case 'maximum':
    case 'exclusiveMaximum':
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return Math.min(first as number, second as number);
    case 'required':
      return [...new Set([...listed(first), ...listed(second)])];
    case 'enum':
      return common(listed(first), listed(second));
    case 'const':
      if (JSON.stringify(first) === JSON.stringify(second)) return first;
      throw unsupported('output', 'has two values of `const` for one place');
    case 'items':
    case 'propertyNames':
      return merge(first, second, resolve);
    case 'anyOf':
      return listed(first).flatMap((option) => listed(second).map((option2) => merge(option, option2, resolve)));
    case 'pattern':
    case 'format':
    case 'oneOf':
    case 'prefixItems':
      if (JSON.stringify(first) === JSON.stringify(second)) return first;
      throw unsupported('output', `has \`${word}\` twice for one place`);
    default:
      return second;
  }
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function sharedTypes(first: JsonRecord, second: JsonRecord): readonly string[] {
  const others = typesOf(second);
  return typesOf(first).flatMap((type) => {
    if (others.includes(type)) return [type];
    if (type === 'number' && others.includes('integer')) return ['integer'];
    return type === 'integer' && others.includes('number') ? [type] : [];
  });
}

/** A property that only one schema names is, for the other, an additional one. */
function mergeProperties(result: Record<string, unknown>, first: JsonRecord, second: JsonRecord): Schema {
  const [one, other] = [recordOr(first['properties']), recordOr(second['properties'])];
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  const inOne = (schema: JsonRecord, named: JsonRecord, name: string): unknown =>
    Object.hasOwn(named, name) ? named[name] : (schema['additionalProperties'] ?? true);
  const properties = Object.fromEntries(
    [...names].map((name) => [name, allOf(inOne(first, one, name), inOne(second, other, name))]),
  );
  if (names.size > 0) result['properties'] = properties;
  const [additional, alsoAdditional] = [first['additionalProperties'] ?? true, second['additionalProperties'] ?? true];
  if (additional !== true || alsoAdditional !== true)
    result['additionalProperties'] = allOf(additional, alsoAdditional);
  return result;
}

function allOf(first: unknown, second: unknown): unknown {
  if (first === true) return second;
  return second === true ? first : { allOf: [first, second] };
}

function recordOr(value: unknown): JsonRecord {
  return isRecord(value) ? value : {};
}
