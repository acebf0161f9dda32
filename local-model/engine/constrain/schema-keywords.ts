/** Reads the keywords of JSON Schema that limit single values, and refuses those that a grammar of ours cannot keep to. */

import { OcelliError } from '../../../src/errors/index.js';
import type { JsonRecord } from '../json.js';
import type { NumberBounds } from './numbers.js';

/** Texts of the known formats, each narrower than its standard; source: JSON Schema 2020-12 validation, section 7.3. */
export const formats: Readonly<Record<string, string>> = {
  date: '^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$',
  time: '^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$',
  'date-time': '^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$',
  email:
    '^[a-z0-9]{1,20}([._+-][a-z0-9]{1,20}){0,2}@[a-z0-9]{1,20}(-[a-z0-9]{1,20})?([.][a-z0-9]{1,20}){0,2}[.][a-z]{2,8}$',
  uuid: '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
  ipv4: '^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])[.]){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])$',
  uri: '^https?://[a-z0-9]{1,20}(-[a-z0-9]{1,20})?([.][a-z0-9]{1,20}){0,2}[.][a-z]{2,8}(/[A-Za-z0-9_.~-]*)*$',
};

/** Keywords that limit values in a way that no grammar of ours expresses. */
const refused = [
  'not', 'if', 'dependentSchemas', 'dependentRequired', 'dependencies', 'patternProperties', 'contains', 'multipleOf',
  'uniqueItems', 'unevaluatedItems', 'unevaluatedProperties', '$dynamicRef', '$recursiveRef',
] as const; // prettier-ignore

/** @throws OcelliError `unsupported-input` naming the keyword */
export function checkKeywords(schema: JsonRecord, path: string): void {
  for (const word of refused) {
    const value = schema[word];
    if (value === undefined || isHarmless(word, value, schema)) continue;
    throw unsupported(path, `uses \`${word}\``);
  }
}

function isHarmless(word: (typeof refused)[number], value: unknown, schema: JsonRecord): boolean {
  if (word === 'uniqueItems')
    return value === false || (typeof schema['maxItems'] === 'number' && schema['maxItems'] < 2);
  if (word === 'multipleOf') return value === 1 && schema['type'] === 'integer';
  return false;
}

export function readBounds(schema: JsonRecord, path: string): NumberBounds {
  const bounds: Partial<Record<keyof NumberBounds, number>> = {};
  for (const word of ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const) {
    const value = schema[word];
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw unsupported(path, `has a \`${word}\` that is no number`);
    bounds[word] = value;
  }
  return bounds;
}

/** A count from 0. */
export function readSize(schema: JsonRecord, word: string, path: string): number | undefined {
  const value = schema[word];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !(value >= 0)) throw unsupported(path, `has a \`${word}\` that is no count`);
  return Math.ceil(value);
}

export function unsupported(path: string, what: string): OcelliError {
  return new OcelliError(
    'unsupported-input',
    `The output schema ${what} at ${path}, which the local model cannot keep to. Leave it out or name a hosted model.`,
  );
}
