/** Writes a prepared request in the engine's words. Pure: the same request gives the same body. */

import { OcelliError } from '../../src/errors/index.js';
import type { ModelDescription } from '../../src/models/index.js';
import type {
  AssistantPart,
  Detail,
  PreparedMediaPart,
  PreparedMessage,
  PreparedRequest,
  PreparedUserPart,
  TextPart,
} from '../../src/request/index.js';
import type { WireRequest } from '../adapter.js';
import { WireWarnings } from '../shared/wire-warnings.js';

export const provider = 'local';

type LocalPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly mediaType: string; readonly bytes: Uint8Array; readonly tiles?: boolean };

interface LocalMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: readonly LocalPart[];
}

/** What the engine is given. */
export interface LocalBody {
  /** `tiny` or a folder. */
  readonly model: string;
  readonly messages: readonly LocalMessage[];
  readonly maxOutputTokens: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly seed?: number;
  readonly stop: readonly string[];
  readonly constraint?: LocalConstraint;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly logitBias?: Readonly<Record<number, number>>;
  readonly logprobs?: number;
}

/** What the engine holds the answer to. */
export type LocalConstraint =
  | { readonly type: 'json-schema'; readonly schema: unknown }
  | { readonly type: 'choice'; readonly values: readonly string[] }
  | { readonly type: 'regex'; readonly pattern: string };

/** Options of `providerOptions.local` that the engine takes as they are; it refuses values that make no sense. */
const engineOptions = [
  'minP',
  'repetitionPenalty',
  'presencePenalty',
  'frequencyPenalty',
  'logitBias',
  'logprobs',
] as const;

/** The engine's request, with a warning for everything that was left out. */
export function toWire(request: PreparedRequest, _description: ModelDescription): WireRequest<LocalBody> {
  const warnings = new WireWarnings(provider);
  const messages = request.messages.map((message, index) => messageOf(message, `messages[${index}]`, warnings));
  refuseWhatIsNotThere(request);
  warnOfOptions(request, warnings);
  const constraint = constraintOf(request);
  const body: LocalBody = {
    model: request.modelId,
    messages,
    maxOutputTokens: request.maxOutputTokens,
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.topP === undefined ? {} : { topP: request.topP }),
    ...(request.topK === undefined ? {} : { topK: request.topK }),
    ...(request.seed === undefined ? {} : { seed: request.seed }),
    stop: request.stop,
    ...(constraint === undefined ? {} : { constraint }),
    ...passedOptions(request),
  };
  return { body, warnings: warnings.list() };
}

function messageOf(message: PreparedMessage, path: string, warnings: WireWarnings): LocalMessage {
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content: userParts(message.content, path, warnings) };
    case 'assistant':
      return { role: 'assistant', content: assistantParts(message.content, path, warnings) };
    case 'tool':
      throw unsupported(path, 'holds results of tools, which the local model does not know. Put them into a text.');
    default: {
      const unknown: never = message;
      throw new TypeError(`Unknown role in ${JSON.stringify(unknown)}`);
    }
  }
}

function userParts(parts: readonly PreparedUserPart[], path: string, warnings: WireWarnings): LocalPart[] {
  return parts.map((part, index) => {
    const where = `${path}.content[${index}]`;
    return part.type === 'text' ? textPart(part, where, warnings) : mediaPart(part, where);
  });
}

function assistantParts(parts: readonly AssistantPart[], path: string, warnings: WireWarnings): LocalPart[] {
  return parts.flatMap((part, index): LocalPart[] => {
    const where = `${path}.content[${index}]`;
    switch (part.type) {
      case 'text':
        return [textPart(part, where, warnings)];
      case 'reasoning':
        warnings.dropped(Object.keys(part.providerData ?? {}), where);
        return [];
      case 'tool-call':
        throw unsupported(where, 'is a tool call, which the local model does not know. Leave it out.');
      default: {
        const unknown: never = part;
        throw new TypeError(`Unknown part ${JSON.stringify(unknown)}`);
      }
    }
  });
}

function textPart(part: TextPart, where: string, warnings: WireWarnings): LocalPart {
  warnings.checkProviderData(part.providerData, where);
  return { type: 'text', text: part.text };
}

function mediaPart(part: PreparedMediaPart, where: string): LocalPart {
  switch (part.type) {
    case 'image': {
      const { media } = part;
      if (media.type === 'bytes') {
        const { mediaType, bytes } = media;
        return { type: 'image', mediaType, bytes, ...(cutsIntoTiles(part.detail) ? { tiles: true } : {}) };
      }
      const what = media.type === 'url' ? 'a URL, which the local model does not fetch' : 'a file id of a provider';
      throw unsupported(where, `is a picture by ${what}. Give its bytes, a path, or a URL without \`passUrl\`.`);
    }
    case 'audio':
    case 'video':
    case 'document':
      throw unsupported(where, `is ${part.type}. The local model takes text and pictures.`);
    default: {
      const unknown: never = part.type;
      throw new TypeError(`Unknown medium ${String(unknown)}`);
    }
  }
}

/**
 * Tiles, or the finer size of a model that has two. Each tile costs a CPU a run of the tower, so of a folder only who names such a detail gets them:
 * without one it is `auto` there (`defaultDetail`), and `high` for the bundled model.
 */
export function cutsIntoTiles(detail: Detail | undefined): boolean {
  return detail === 'high' || detail === 'original';
}

/** Answers would be wrong, not merely plainer, without these; so they are no matter for a warning. */
function refuseWhatIsNotThere(request: PreparedRequest): void {
  if (request.tools.length > 0 && request.toolChoice !== 'none') {
    throw unsupported('tools', 'cannot be used with the local model. Leave them out or name a hosted model.');
  }
}

/** `output`, or in its place `providerOptions.local.choices` (one of some texts) or `.regex` (a whole match). */
function constraintOf(request: PreparedRequest): LocalConstraint | undefined {
  const { choices, regex } = request.providerOptions;
  if ([request.output, choices, regex].filter((wish) => wish !== undefined).length > 1) {
    throw unsupported(
      'output',
      'and `providerOptions.local.choices` or `.regex` exclude each other. Give one of them.',
    );
  }
  if (request.output !== undefined) return { type: 'json-schema', schema: request.output.schema };
  if (choices !== undefined) return { type: 'choice', values: choices as readonly string[] };
  return regex === undefined ? undefined : { type: 'regex', pattern: regex as string };
}

function passedOptions(request: PreparedRequest): Partial<LocalBody> {
  const given = engineOptions.filter((name) => request.providerOptions[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, request.providerOptions[name]]));
}

function warnOfOptions(request: PreparedRequest, warnings: WireWarnings): void {
  if (request.reasoning !== undefined && request.reasoning !== 'none') {
    warnings.unsupported('reasoning', `The local model does not reason: "${request.reasoning}" was left out.`);
  }
  if (request.cache !== undefined && request.cache !== 'none') {
    warnings.unsupported('cache', `The local model remembers prompts by itself: "${request.cache}" was left out.`);
  }
  warnings.noMetadata(request.metadata, 'The local model');
  const known: readonly string[] = [...engineOptions, 'choices', 'regex'];
  for (const name of Object.keys(request.providerOptions)) {
    if (known.includes(name)) continue;
    warnings.unsupported(`providerOptions.local.${name}`, `The local model has no option "${name}"; it was left out.`);
  }
}

function unsupported(path: string, message: string): OcelliError {
  return new OcelliError('unsupported-input', `${path} ${message}`, { provider });
}
