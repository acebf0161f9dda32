/** Checks a request before anything is read or sent; every message names the field and what is allowed. */

import { OcelliError } from '../errors/index.js';
import type { Message } from './messages.js';
import { didYouMean } from './nearest.js';
import { isFileReference, isImageInput } from './normalize.js';
import { toJsonSchema } from './output-schema.js';
import type { MediaSource } from './parts.js';
import type { BaseRequest } from './request.js';
import type { Tool } from './tools.js';

const knownFields = [
  'model',
  'messages',
  'prompt',
  'images',
  'system',
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'seed',
  'stop',
  'detail',
  'output',
  'tools',
  'toolChoice',
  'reasoning',
  'cache',
  'timeout',
  'signal',
  'metadata',
  'unsupported',
  'providerOptions',
  'budget',
  'fit',
  'keepMetadata',
  'noteOriginalSize',
  'fallbackOn',
  'retries',
] as const;

const partTypes = ['text', 'image', 'audio', 'video', 'document', 'reasoning', 'tool-call', 'tool-result'];
const partsOfRole: Readonly<Record<string, readonly string[]>> = {
  system: ['text'],
  user: ['text', 'image', 'audio', 'video', 'document'],
  assistant: ['text', 'reasoning', 'tool-call'],
  tool: ['tool-result'],
};
/** What OpenAI, Anthropic and Google all take as a tool name. */
const toolName = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/**
 * Checks everything that can be checked without I/O.
 *
 * @throws OcelliError `invalid-request`
 */
export function validateRequest(request: BaseRequest): void {
  if (typeof request !== 'object' || request === null) fail('The request must be an object.');
  checkKnownFields(request as unknown as Record<string, unknown>, knownFields, '');
  checkContent(request);
  checkNumbers(request);
  checkChoices(request);
  checkStop(request.stop);
  if (request.output !== undefined) toJsonSchema(request.output, 'output');
  checkTools(request);
  checkTimeout(request);
  checkProviderOptions(request);
  if (request.signal !== undefined && typeof request.signal.addEventListener !== 'function') {
    fail('`signal` must be an AbortSignal.');
  }
}

function fail(message: string): never {
  throw new OcelliError('invalid-request', message);
}

function checkKnownFields(object: Record<string, unknown>, known: readonly string[], prefix: string): void {
  for (const name of Object.keys(object)) {
    if (!known.includes(name)) {
      fail(`Unknown option \`${prefix}${name}\`.${didYouMean(name, known)} Known: ${known.join(', ')}.`);
    }
  }
}

function checkContent(request: BaseRequest): void {
  if (request.messages !== undefined && !Array.isArray(request.messages)) fail('`messages` must be a list.');
  if (request.prompt !== undefined && typeof request.prompt !== 'string') fail('`prompt` must be text.');
  if (request.system !== undefined && typeof request.system !== 'string') fail('`system` must be text.');
  if (request.images !== undefined && !Array.isArray(request.images)) {
    fail('`images` must be a list; put a single picture in brackets.');
  }
  const messages = request.messages ?? [];
  const sugar = request.prompt !== undefined || (request.images?.length ?? 0) > 0;
  if (messages.length === 0 && !sugar) fail('Nothing to send: give `prompt`, `images` or `messages`.');
  if (request.prompt === '' && (request.images?.length ?? 0) === 0 && messages.length === 0) {
    fail('`prompt` is empty and there are no pictures.');
  }
  messages.forEach((message, index) => checkMessage(message, `messages[${index}]`));
  if (!sugar && messages.every((message) => message.role === 'system')) {
    fail('`messages` holds only system texts; a user message is needed.');
  }
  (request.images ?? []).forEach((image, index) => {
    if (isImageInput(image)) {
      checkKnownFields({ ...image }, ['source', 'detail', 'mediaType', 'passUrl'], `images[${index}].`);
      checkChoice(image.detail, details, `images[${index}].detail`);
    }
    checkSource(isImageInput(image) ? image.source : image, `images[${index}]`);
  });
}

function checkMessage(message: Message, field: string): void {
  if (typeof message !== 'object' || message === null) fail(`\`${field}\` must be an object with role and content.`);
  const allowed = partsOfRole[message.role];
  if (allowed === undefined) {
    fail(`\`${field}.role\` is ${JSON.stringify(message.role)}; allowed are ${Object.keys(partsOfRole).join(', ')}.`);
  }
  const content: unknown = message.content;
  if (typeof content === 'string') {
    if (message.role === 'tool') fail(`\`${field}.content\` of a tool message must be a list of tool-result parts.`);
    return;
  }
  if (!Array.isArray(content)) fail(`\`${field}.content\` must be text or a list of parts.`);
  if (content.length === 0 && message.role !== 'assistant') fail(`\`${field}.content\` is an empty list.`);
  content.forEach((part: unknown, index: number) =>
    checkPart(part, `${field}.content[${index}]`, message.role, allowed),
  );
}

function checkPart(part: unknown, field: string, role: string, allowed: readonly string[]): void {
  if (typeof part !== 'object' || part === null) fail(`\`${field}\` must be a part with a type.`);
  const { type, ...rest } = part as { type?: unknown } & Record<string, unknown>;
  if (typeof type !== 'string' || !partTypes.includes(type)) {
    fail(
      `\`${field}.type\` is ${JSON.stringify(type)}.${didYouMean(String(type), partTypes)} Known: ${partTypes.join(', ')}.`,
    );
  }
  if (!allowed.includes(type)) {
    fail(`\`${field}\` is a ${type} part in a ${role} message; allowed there: ${allowed.join(', ')}.`);
  }
  if ((type === 'text' || type === 'reasoning') && typeof rest['text'] !== 'string') {
    fail(`\`${field}.text\` must be text.`);
  }
  if (partsOfRole['user']?.includes(type) === true && type !== 'text') {
    checkSource(rest['source'] as MediaSource, `${field}.source`);
    checkChoice(rest['detail'], details, `${field}.detail`);
  }
  if (type === 'tool-call') {
    if (typeof rest['id'] !== 'string' || rest['id'] === '') fail(`\`${field}.id\` must be the call's id.`);
    if (typeof rest['name'] !== 'string' || rest['name'] === '') fail(`\`${field}.name\` must be the tool's name.`);
    if (typeof rest['arguments'] !== 'object' || rest['arguments'] === null) {
      fail(`\`${field}.arguments\` must be an object.`);
    }
  }
  if (type === 'tool-result') checkToolResult(rest, field);
}

function checkToolResult(part: Record<string, unknown>, field: string): void {
  if (typeof part['id'] !== 'string' || part['id'] === '') fail(`\`${field}.id\` must be the id of the tool call.`);
  const content = part['content'];
  if (typeof content === 'string') return;
  if (!Array.isArray(content)) fail(`\`${field}.content\` must be text or a list of text, image and document parts.`);
  content.forEach((inner: unknown, index: number) =>
    checkPart(inner, `${field}.content[${index}]`, 'tool', ['text', 'image', 'document']),
  );
}

function checkSource(source: MediaSource, field: string): void {
  if (typeof source === 'string') {
    if (source === '') fail(`\`${field}\` is an empty text; a file path or a URL was expected.`);
    return;
  }
  if (typeof source !== 'object' || source === null) {
    fail(`\`${field}\` must be a path, a URL, bytes, a Blob, a stream or { fileIds }.`);
  }
  if ('fileIds' in source && !(isFileReference(source) && Object.keys(source.fileIds).length > 0)) {
    fail(`\`${field}.fileIds\` must hold at least one id by provider, for example { openai: 'file-…' }.`);
  }
}

function checkNumbers(request: BaseRequest): void {
  checkNumber(request.maxOutputTokens, 'maxOutputTokens', { min: 1, integer: true });
  checkNumber(request.temperature, 'temperature', { min: 0, max: 2 });
  checkNumber(request.topP, 'topP', { min: 0, max: 1, aboveMin: true });
  checkNumber(request.topK, 'topK', { min: 1, integer: true });
  checkNumber(request.seed, 'seed', { min: Number.MIN_SAFE_INTEGER, integer: true });
  checkNumber((request as { retries?: number }).retries, 'retries', { min: 0, max: 10, integer: true });
}

function checkNumber(
  value: number | undefined,
  field: string,
  rule: { readonly min: number; readonly max?: number; readonly integer?: boolean; readonly aboveMin?: boolean },
): void {
  if (value === undefined) return;
  const kind = rule.integer === true ? 'a whole number' : 'a number';
  const low =
    rule.min === Number.MIN_SAFE_INTEGER ? '' : `${rule.aboveMin === true ? ' above' : ' of at least'} ${rule.min}`;
  const range = `${kind}${low}${rule.max === undefined ? '' : ` and at most ${rule.max}`}`;
  const fits =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (rule.aboveMin === true ? value > rule.min : value >= rule.min) &&
    value <= (rule.max ?? Number.MAX_SAFE_INTEGER) &&
    (rule.integer !== true || Number.isInteger(value));
  if (!fits) fail(`\`${field}\` is ${String(value)}; it must be ${range}.`);
}

const details = ['low', 'medium', 'high', 'original', 'auto'];

function checkChoices(request: BaseRequest): void {
  checkChoice(request.detail, details, 'detail');
  checkChoice(request.reasoning, ['none', 'low', 'medium', 'high'], 'reasoning');
  checkChoice(request.cache, ['none', 'short', 'long'], 'cache');
  checkChoice(request.unsupported, ['warn', 'error', 'next'], 'unsupported');
  checkChoice(request.fit, ['vendor', 'limits', 'off'], 'fit');
}

function checkChoice(value: unknown, allowed: readonly string[], field: string): void {
  if (value === undefined || (typeof value === 'string' && allowed.includes(value))) return;
  fail(`\`${field}\` is ${JSON.stringify(value)}; allowed are ${allowed.join(', ')}.`);
}

function checkStop(stop: BaseRequest['stop']): void {
  if (stop === undefined) return;
  const stops = typeof stop === 'string' ? [stop] : stop;
  if (!Array.isArray(stops) || stops.some((text) => typeof text !== 'string' || text === '')) {
    fail('`stop` must be one text or a list of texts, none of them empty.');
  }
}

function checkTools(request: BaseRequest): void {
  const tools: readonly Tool[] = request.tools ?? [];
  if (!Array.isArray(tools)) fail('`tools` must be a list.');
  const names = new Set<string>();
  tools.forEach((tool, index) => {
    if (typeof tool?.name !== 'string' || !toolName.test(tool.name)) {
      fail(
        `\`tools[${index}].name\` is ${JSON.stringify(tool?.name)}; use 1 to 64 letters, digits, "_" and "-", not beginning with a digit.`,
      );
    }
    if (names.has(tool.name)) fail(`\`tools\` has two tools named "${tool.name}".`);
    names.add(tool.name);
    toJsonSchema(tool.parameters, `tools[${index}].parameters`);
  });
  const choice = request.toolChoice;
  if (choice === undefined) return;
  if (typeof choice === 'object' && choice !== null) {
    if (!names.has(choice.name)) {
      fail(
        `\`toolChoice.name\` is "${String(choice.name)}", which is not among \`tools\`.${didYouMean(String(choice.name), [...names])}`,
      );
    }
    return;
  }
  checkChoice(choice, ['auto', 'none', 'required'], 'toolChoice');
  if (choice === 'required' && names.size === 0) fail('`toolChoice` is "required" but there are no `tools`.');
}

function checkTimeout(request: BaseRequest): void {
  if (request.timeout === undefined) return;
  const fields = ['firstEventMs', 'idleMs', 'totalMs'] as const;
  checkKnownFields({ ...request.timeout }, fields, 'timeout.');
  for (const field of fields) checkNumber(request.timeout[field], `timeout.${field}`, { min: 0, aboveMin: true });
}

function checkProviderOptions(request: BaseRequest): void {
  for (const [provider, options] of Object.entries(request.providerOptions ?? {})) {
    if (typeof options !== 'object' || options === null || Array.isArray(options)) {
      fail(`\`providerOptions.${provider}\` must be an object of raw parameters.`);
    }
  }
  for (const [name, value] of Object.entries(request.metadata ?? {})) {
    if (typeof value !== 'string') fail(`\`metadata.${name}\` must be text.`);
  }
}
