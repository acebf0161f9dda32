/** The request: what a caller writes once for every provider. */

import type { Message } from './messages.js';
import type { GenerateOptions } from './options.js';
import type { OutputSchema } from './output.js';
import type { Detail, MediaSource, UserPart } from './parts.js';

/** A picture with its own detail. */
export interface ImageInput {
  readonly source: MediaSource;
  readonly detail?: Detail;
  readonly mediaType?: string;
  readonly passUrl?: boolean;
}

/**
 * What to ask. Either `messages`, or the sugar `prompt` and `images` for one user message; with both,
 * the sugar is appended to the messages as one more user message.
 */
export interface RequestContent<P = UserPart> {
  readonly messages?: readonly Message<P>[];
  readonly prompt?: string;
  /** Pictures that go before the prompt. */
  readonly images?: readonly (MediaSource | ImageInput)[];
}

/** A request without the choice of model, which belongs to the router. */
export interface BaseRequest<S extends OutputSchema = OutputSchema, P = UserPart>
  extends RequestContent<P>, GenerateOptions<S> {}
