/** Says a prepared request in the words of OpenAI's Responses API. */

import type {
  EasyInputMessage,
  FunctionTool,
  ResponseCreateParamsStreaming,
  ResponseFormatTextJSONSchemaConfig,
  ResponseFunctionCallOutputItem,
  ResponseInputContent,
  ResponseInputFile,
  ResponseInputImage,
  ResponseInputItem,
} from 'openai/resources/responses/responses';
import { OcelliError } from '../../src/errors/index.js';
import type { ModelDescription } from '../../src/models/index.js';
import type {
  AssistantPart,
  PreparedMediaPart,
  PreparedMessage,
  PreparedRequest,
  PreparedTool,
  PreparedToolResult,
  PreparedUserPart,
  ReasoningPart,
  TextPart,
} from '../../src/request/index.js';
import type { WireRequest } from '../adapter.js';
import { mergeOptions } from '../shared/merge-options.js';
import { isStrictSchema } from '../shared/strict-schema.js';
import { WireWarnings } from '../shared/wire-warnings.js';

/** The word before the colon in model ids, and the key of our provider data. */
export const provider = 'openai';

/** Less is answered with 400 (`integer_below_min_value`). */
const smallestOutput = 16;

/** Assumed of a model that the catalogue does not know: what the newest models of the API take. */
export const defaultDescription: ModelDescription = {
  capabilities: {
    input: ['text', 'image', 'document'],
    mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'application/pdf'],
    tools: true,
    structuredOutput: true,
    reasoning: 'levels',
    temperature: true,
    topP: true,
    topK: false,
    seed: false,
    stop: false,
    urls: ['image', 'document'],
  },
  limits: {},
};

/** @throws OcelliError `unsupported-input` for a part that the Responses API cannot carry */
export function toWire(
  request: PreparedRequest,
  description: ModelDescription,
): WireRequest<ResponseCreateParamsStreaming> {
  const warnings = new WireWarnings(provider);
  const { instructions, rest } = splitInstructions(request.messages);
  const writer = new InputWriter(description, warnings);
  const body: ResponseCreateParamsStreaming = {
    model: request.modelId,
    ...(instructions === '' ? {} : { instructions }),
    input: rest.flatMap(({ message, place }) => writer.write(message, `messages[${place}]`)),
    max_output_tokens: outputTokens(request, warnings),
    ...samplingOf(request, description, warnings),
    ...reasoningOf(request, description, warnings),
    ...toolsOf(request),
    ...(request.output === undefined ? {} : { text: { format: formatOf(request.output) } }),
    ...cacheOf(request, warnings),
    ...(request.metadata === undefined ? {} : { metadata: { ...request.metadata } }),
    // Reasoning comes back encrypted instead, so nothing of a conversation needs to stay at OpenAI.
    store: false,
    stream: true,
  };
  return { body: { ...mergeOptions(body, request.providerOptions), stream: true }, warnings: warnings.list() };
}

interface PlacedMessage {
  readonly message: PreparedMessage;
  readonly place: number;
}

/** System texts before the conversation are `instructions`; later ones stay where they are. `input` may not be empty. */
function splitInstructions(messages: readonly PreparedMessage[]): {
  instructions: string;
  rest: readonly PlacedMessage[];
} {
  const placed = messages.map((message, place) => ({ message, place }));
  const first = messages.findIndex((message) => message.role !== 'system');
  if (first <= 0) return { instructions: '', rest: placed };
  const texts = messages.slice(0, first).map((message) => (message.role === 'system' ? joined(message.content) : ''));
  return { instructions: texts.join('\n\n'), rest: placed.slice(first) };
}

/** Writes the input items; keeps what may be warned of only once. */
class InputWriter {
  readonly #description: ModelDescription;
  readonly #warnings: WireWarnings;
  readonly #warnedDetails = new Set<string>();

  constructor(description: ModelDescription, warnings: WireWarnings) {
    this.#description = description;
    this.#warnings = warnings;
  }

  write(message: PreparedMessage, path: string): ResponseInputItem[] {
    switch (message.role) {
      case 'system':
        return [{ role: 'developer', content: joined(message.content) }];
      case 'user':
        return [{ role: 'user', content: message.content.map((part, place) => this.#content(part, at(path, place))) }];
      case 'assistant':
        return message.content.flatMap((part, place) => this.#answered(part, at(path, place)));
      case 'tool':
        return message.content.map((result, place) => ({
          type: 'function_call_output',
          call_id: result.id,
          output: this.#toolOutput(result, at(path, place)),
        }));
      default:
        return unreachable(message);
    }
  }

  #answered(part: AssistantPart, path: string): ResponseInputItem[] {
    switch (part.type) {
      case 'text':
        this.#warnings.checkProviderData(part.providerData, path);
        return part.text === '' ? [] : [assistantMessage(part)];
      case 'tool-call':
        this.#warnings.checkProviderData(part.providerData, path);
        return [
          { type: 'function_call', call_id: part.id, name: part.name, arguments: JSON.stringify(part.arguments) },
        ];
      case 'reasoning':
        return this.#reasoning(part, path);
      default:
        return unreachable(part);
    }
  }

  /** Only encrypted reasoning can go back: without `store` OpenAI knows no reasoning by its id. */
  #reasoning(part: ReasoningPart, path: string): ResponseInputItem[] {
    const own = part.providerData?.[provider];
    const id = own?.['id'];
    const encrypted = own?.['encrypted_content'];
    if (typeof id !== 'string' || typeof encrypted !== 'string') {
      this.#warnings.dropped(Object.keys(part.providerData ?? {}), path);
      return [];
    }
    if (this.#description.capabilities.reasoning === 'none') {
      this.#warnings.dropped([provider], path);
      return [];
    }
    this.#warnings.checkProviderData(part.providerData, path);
    const summary = part.text === '' ? [] : [{ type: 'summary_text' as const, text: part.text }];
    return [{ type: 'reasoning', id, encrypted_content: encrypted, summary }];
  }

  #toolOutput(result: PreparedToolResult, path: string): string | ResponseFunctionCallOutputItem[] {
    // The wire has no mark for a tool that failed.
    const prefix = result.isError ? 'Error: ' : '';
    if (result.content.every((part) => part.type === 'text')) return `${prefix}${joined(result.content)}`;
    const items = result.content.map((part, place) => this.#content(part, `${path}.content[${place}]`));
    return prefix === '' ? items : [{ type: 'input_text', text: prefix.trim() }, ...items];
  }

  #content(part: PreparedUserPart, path: string): ResponseInputContent {
    switch (part.type) {
      case 'text':
        return { type: 'input_text', text: part.text };
      case 'image':
        return this.#image(part);
      case 'document':
        return documentOf(part);
      case 'audio':
      case 'video':
        throw unsupported(part.type, path);
      default:
        return unreachable(part);
    }
  }

  #image(part: PreparedMediaPart): ResponseInputImage {
    const detail = this.#detail(part);
    switch (part.media.type) {
      case 'bytes':
        return { type: 'input_image', detail, image_url: dataUrl(part.media.mediaType, part.media.base64) };
      case 'url':
        return { type: 'input_image', detail, image_url: part.media.url };
      case 'file-id':
        return { type: 'input_image', detail, file_id: part.media.fileId };
      default:
        return unreachable(part.media);
    }
  }

  #detail(part: PreparedMediaPart): ResponseInputImage['detail'] {
    const detail = part.detail ?? 'high';
    if (detail === 'low' || detail === 'high' || detail === 'auto') return detail;
    if (detail === 'original' && takesOriginal(this.#description)) return detail;
    // `medium` is a matter of size alone where the picture was scaled to it.
    if (part.scaledToDetail !== true && !this.#warnedDetails.has(detail)) {
      this.#warnedDetails.add(detail);
      this.#warnings.adjusted('detail', `The model has no detail "${detail}"; "high" was sent.`);
    }
    return 'high';
  }
}

/** Catalogue rows say it in their rule; of other models OpenAI is asked. */
function takesOriginal(description: ModelDescription): boolean {
  const rule: unknown = 'imageRule' in description ? description.imageRule : undefined;
  return typeof rule !== 'object' || rule === null || 'original' in rule;
}

function assistantMessage(part: TextPart): EasyInputMessage {
  // Newer models mark what is commentary and what the answer is, and do worse when the mark is lost.
  const phase = part.providerData?.[provider]?.['phase'];
  return {
    role: 'assistant',
    content: part.text,
    ...(phase === 'commentary' || phase === 'final_answer' ? { phase } : {}),
  };
}

function documentOf(part: PreparedMediaPart): ResponseInputFile {
  const { media, filename } = part;
  switch (media.type) {
    case 'bytes':
      return {
        type: 'input_file',
        // OpenAI refuses file data without a name.
        filename: filename ?? (media.mediaType === 'application/pdf' ? 'document.pdf' : 'document'),
        file_data: dataUrl(media.mediaType, media.base64),
      };
    case 'url':
      return { type: 'input_file', file_url: media.url };
    case 'file-id':
      return { type: 'input_file', file_id: media.fileId };
    default:
      return unreachable(media);
  }
}

function outputTokens(request: PreparedRequest, warnings: WireWarnings): number {
  if (request.maxOutputTokens >= smallestOutput) return request.maxOutputTokens;
  warnings.adjusted(
    'maxOutputTokens',
    `OpenAI takes no maxOutputTokens below ${smallestOutput}; ${smallestOutput} was sent instead of ${request.maxOutputTokens}.`,
  );
  return smallestOutput;
}

/** `stop` is not mentioned: the wire has none, and the router emulates it. */
function samplingOf(
  request: PreparedRequest,
  { capabilities }: ModelDescription,
  warnings: WireWarnings,
): Pick<ResponseCreateParamsStreaming, 'temperature' | 'top_p'> {
  const { temperature, topP } = request;
  const model = request.modelId;
  if (temperature !== undefined && !capabilities.temperature)
    warnings.unsupported('temperature', `${model} does not take temperature; it was left out.`);
  if (topP !== undefined && !capabilities.topP)
    warnings.unsupported('topP', `${model} does not take topP; it was left out.`);
  if (request.topK !== undefined) warnings.unsupported('topK', 'OpenAI has no topK; it was left out.');
  if (request.seed !== undefined)
    warnings.unsupported('seed', "OpenAI's Responses API has no seed; it was left out, so answers may differ.");
  return {
    ...(temperature !== undefined && capabilities.temperature ? { temperature } : {}),
    ...(topP !== undefined && capabilities.topP ? { top_p: topP } : {}),
  };
}

function reasoningOf(
  request: PreparedRequest,
  description: ModelDescription,
  warnings: WireWarnings,
): Pick<ResponseCreateParamsStreaming, 'reasoning' | 'include'> {
  const takes = description.capabilities.reasoning;
  const level = request.reasoning;
  if (takes === 'none') {
    if (level !== undefined && level !== 'none')
      warnings.unsupported('reasoning', `${request.modelId} does not reason; reasoning was left out.`);
    return {};
  }
  if (level === undefined) {
    // A model that nobody described may be one that answers 400 to this.
    return description === defaultDescription ? {} : { include: ['reasoning.encrypted_content'] };
  }
  if (level === 'none' && takes === 'levels-without-none')
    warnings.adjusted('reasoning', `${request.modelId} cannot answer without reasoning; "low" was sent.`);
  return {
    reasoning: { effort: level === 'none' && takes === 'levels-without-none' ? 'low' : level },
    ...(level === 'none' ? {} : { include: ['reasoning.encrypted_content'] }),
  };
}

function toolsOf(request: PreparedRequest): Pick<ResponseCreateParamsStreaming, 'tools' | 'tool_choice'> {
  if (request.tools.length === 0) return {};
  const choice = request.toolChoice;
  return {
    tools: request.tools.map(toolOf),
    tool_choice: typeof choice === 'string' ? choice : { type: 'function', name: choice.name },
  };
}

function toolOf(tool: PreparedTool): FunctionTool {
  return {
    type: 'function',
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    parameters: tool.parameters,
    strict: isStrictSchema(tool.parameters),
  };
}

function formatOf(output: NonNullable<PreparedRequest['output']>): ResponseFormatTextJSONSchemaConfig {
  return { type: 'json_schema', name: output.name, schema: output.schema, strict: isStrictSchema(output.schema) };
}

function cacheOf(
  request: PreparedRequest,
  warnings: WireWarnings,
): Pick<ResponseCreateParamsStreaming, 'prompt_cache_retention'> {
  if (request.cache === 'none')
    warnings.unsupported('cache', 'OpenAI caches prompts by itself and cannot be told not to; "none" was left out.');
  if (request.cache !== 'long') return {};
  if (keepsCacheLong(request.modelId)) return { prompt_cache_retention: '24h' };
  warnings.unsupported(
    'cache',
    `${request.modelId} has no longer time for which a prompt cache is kept; "long" was left out.`,
  );
  return {};
}

/**
 * Models with 24 h retention. From the GPT-5.6 family on, caches are kept for 30 minutes after their last use, and no other time can be asked for.
 * Source: https://developers.openai.com/api/docs/guides/prompt-caching, checked on 2026-11-24 in a stored copy.
 */
const longCaches: ReadonlySet<string> = new Set([
  'gpt-5.5',
  'gpt-5.5-pro',
  'gpt-5.4',
  'gpt-5.2',
  'gpt-5.1-codex-max',
  'gpt-5.1',
  'gpt-5.1-codex',
  'gpt-5.1-codex-mini',
  'gpt-5.1-chat-latest',
  'gpt-5',
  'gpt-5-codex',
  'gpt-4.1',
]);

/** A dated snapshot keeps what its model keeps. */
function keepsCacheLong(modelId: string): boolean {
  return longCaches.has(modelId.replace(/-\d{4}-\d{2}-\d{2}$/, ''));
}

function joined(parts: readonly (TextPart | PreparedUserPart)[]): string {
  return parts.map((part) => ('text' in part ? part.text : '')).join('\n');
}

function dataUrl(mediaType: string, base64: string): string {
  return `data:${mediaType};base64,${base64}`;
}

function at(path: string, place: number): string {
  return `${path}.content[${place}]`;
}

function unsupported(kind: string, path: string): OcelliError {
  return new OcelliError(
    'unsupported-input',
    `${path} is ${kind}, which OpenAI's Responses API does not take. Send it to a model that does, or as text or pictures.`,
    { provider },
  );
}

function unreachable(value: never): never {
  throw new TypeError(`No way to write a ${typeof value} of this kind for OpenAI.`);
}
