/** Reads bodies whose shape is not known yet, and collects the first thing that is wrong with them. */

import type { JsonObject, JsonValue } from '../../request/index.js';

/** A body that the vendor would answer with 400; the message is what the server says. */
export class BodyProblem extends Error {
  override readonly name = 'BodyProblem';
}

export function refuse(message: string): never {
  throw new BodyProblem(message);
}

export function objectAt(value: JsonValue | undefined, path: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  return refuse(`${path}: an object was expected.`);
}

export function listAt(value: JsonValue | undefined, path: string): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : refuse(`${path}: a list was expected.`);
}

export function objectsAt(value: JsonValue | undefined, path: string): readonly JsonObject[] {
  return listAt(value, path).map((item, index) => objectAt(item, `${path}[${index}]`));
}

export function textAt(value: JsonValue | undefined, path: string): string {
  return typeof value === 'string' ? value : refuse(`${path}: a string was expected.`);
}

/** Nothing but these fields may be there. */
export function onlyFields(object: JsonObject, allowed: readonly string[], path: string): void {
  const extra = Object.keys(object).find((name) => !allowed.includes(name));
  if (extra !== undefined) refuse(`${path}${path === '' ? '' : '.'}${extra}: this parameter is not known.`);
}

export function oneOf(value: JsonValue | undefined, allowed: readonly string[], path: string): string {
  const text = textAt(value, path);
  return allowed.includes(text) ? text : refuse(`${path}: "${text}" is none of ${allowed.join(', ')}.`);
}

const toolName = /^[A-Za-z0-9_-]{1,64}$/;

export function checkToolName(value: JsonValue | undefined, path: string): void {
  if (!toolName.test(textAt(value, path))) refuse(`${path}: a name holds letters, digits, _ and - only, at most 64.`);
}

const dataUrl = /^data:[a-z]+\/[a-z0-9.+-]+;base64,[A-Za-z0-9+/]+=*$/;

/** A data URL of some bytes, or an address. */
export function checkUrl(value: JsonValue | undefined, path: string): void {
  const text = textAt(value, path);
  if (!dataUrl.test(text) && !/^https?:\/\//.test(text)) refuse(`${path}: neither a data URL nor an address.`);
}

/** Base64 without anything else. */
export function checkBase64(value: JsonValue | undefined, path: string): void {
  if (!/^[A-Za-z0-9+/]+=*$/.test(textAt(value, path))) refuse(`${path}: not base64.`);
}

/** JSON text of an object. */
export function checkArgumentsText(value: JsonValue | undefined, path: string): void {
  try {
    objectAt(JSON.parse(textAt(value, path)) as JsonValue, path);
  } catch (error) {
    refuse(error instanceof BodyProblem ? error.message : `${path}: not JSON.`);
  }
}

/** What `strict: true` asks of a schema (https://platform.openai.com/docs/guides/structured-outputs; written from general knowledge, the page was not opened). */
export function checkStrictSchema(schema: JsonObject, path: string): void {
  const properties = schema['properties'];
  if (schema['type'] !== 'object' || properties === undefined) return;
  if (schema['additionalProperties'] !== false) refuse(`${path}: 'additionalProperties' is required to be false.`);
  const required = listAt(schema['required'], `${path}.required`);
  const missing = Object.keys(objectAt(properties, path)).find((name) => !required.includes(name));
  if (missing !== undefined) refuse(`${path}: 'required' must hold every property; '${missing}' is missing.`);
}
