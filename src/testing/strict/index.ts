/** Bodies that a vendor would answer with 400: an adapter that sends one is wrong, whatever the fake server would say to it. */

import type { JsonValue } from '../../request/index.js';
import type { WireName } from '../wires/wire.js';
import { checkMessages } from './anthropic-rules.js';
import { BodyProblem, objectAt } from './body-reader.js';
import { checkGenerateContent } from './google-rules.js';
import { checkChat, checkResponses } from './openai-rules.js';

/** What the vendor would find wrong with a body, as far as its documented rules are known here; `undefined` when it would take it. */
export function problemOf(
  wire: WireName,
  endpoint: 'generate' | 'count',
  body: JsonValue | undefined,
): string | undefined {
  try {
    const object = objectAt(body, 'body');
    if (wire === 'openai') checkResponses(object);
    else if (wire === 'openai-compatible') checkChat(object);
    else if (wire === 'anthropic') checkMessages(object, endpoint === 'count');
    else checkGenerateContent(object);
    return undefined;
  } catch (error) {
    if (error instanceof BodyProblem) return error.message;
    throw error;
  }
}
