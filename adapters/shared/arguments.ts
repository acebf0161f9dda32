/** Turns the streamed text of a tool call's arguments into the object that a tool gets. */

import { OcelliError, type OcelliErrorOptions } from '../../src/errors/index.js';
import type { JsonObject } from '../../src/request/index.js';

const quotedLength = 120;

/**
 * The arguments as an object; empty text is `{}`, since models call tools without parameters that way.
 *
 * @param text JSON text as the model wrote it
 * @param toolName named in the error
 * @param options what else the error should know, for example the provider
 * @throws OcelliError `malformed-response` when the text is not JSON, or not an object
 */
export function parseArguments(text: string, toolName: string, options: OcelliErrorOptions = {}): JsonObject {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('are not JSON', text, toolName, options);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('are not an object', text, toolName, options);
  return value as JsonObject;
}

function malformed(what: string, text: string, toolName: string, options: OcelliErrorOptions): OcelliError {
  const quoted = text.length > quotedLength ? `${text.slice(0, quotedLength)}…` : text;
  return new OcelliError(
    'malformed-response',
    `The arguments that the model wrote for the tool "${toolName}" ${what}: ${quoted}`,
    options,
  );
}
