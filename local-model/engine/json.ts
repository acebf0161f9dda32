/** Careful reading of values out of a model folder's JSON, whose shape nobody guarantees. */

import { localModelError } from './local-model-error.js';

export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A nested object; empty where there is none. */
export function recordAt(record: JsonRecord, key: string): JsonRecord {
  const value = record[key];
  return isRecord(value) ? value : {};
}

/** A number, or `undefined` where there is none. */
export function numberAt(record: JsonRecord, key: string): number | undefined {
  const value = record[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A whole number from `low` to `high`; `undefined` where there is none; refused when it is out of bounds. */
export function integerAt(
  record: JsonRecord,
  key: string,
  low: number,
  high: number,
  file: string,
): number | undefined {
  const value = record[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high) return value;
  throw localModelError(
    `${file}: "${key}" must be a whole number from ${low} to ${high}, not ${JSON.stringify(value)?.slice(0, 60)}.`,
  );
}

export function stringAt(record: JsonRecord, key: string): string | undefined {
  const value = record[key];
  return typeof value === 'string' ? value : undefined;
}

export function booleanAt(record: JsonRecord, key: string, otherwise: boolean): boolean {
  const value = record[key];
  return typeof value === 'boolean' ? value : otherwise;
}

/** Token ids given as one number or a list of numbers. */
export function tokenIdsAt(record: JsonRecord, key: string): readonly number[] {
  const value = record[key];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((id): id is number => typeof id === 'number' && Number.isInteger(id) && id >= 0);
}
