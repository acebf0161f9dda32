/** Estimates a whole conversation: every part, the framing around them, the answer, and what it comes to in money. */

import { OcelliError } from '../errors/index.js';
import { dayOf, isRetired, priceOf, type BilledTokens, type ModelRow, type Money } from '../models/index.js';
import { estimatePart, leastConfidence, type PartContext, type PartEstimate } from './estimate-part.js';
import type { Estimate, Rejection } from './estimate-record.js';
import { countedBySelf } from './counted-by-self.js';
import { textEstimate, type Tokenizers } from './estimate-text.js';
import { rowOf, type ModelChoice } from './find-row.js';
import { roundedRange, sumOf, times, type Range } from './range.js';
import { countImages, messagesOf, type PlainMessage, type PlainPart, type PlainRequest } from './request-parts.js';

export interface RequestQuery extends ModelChoice, PlainRequest {
  /** Without them text is estimated by its letters, with a wide range. */
  readonly tokenizers?: Tokenizers;
  /** Tokens of the answer that are likely. Default: 300, or `maxOutputTokens` if that is smaller. */
  readonly expectedOutputTokens?: number;
  /** Input tokens that are read from the provider's cache. */
  readonly cachedInputTokens?: number;
  /** Sent as a batch. */
  readonly batch?: boolean;
  /** Day of the prices. Default: today. */
  readonly date?: string | Date;
}

export interface RequestEstimate {
  /** `provider:model-id` */
  readonly model: string;
  readonly parts: readonly PartEstimate[];
  /** All input: parts, tools and framing. */
  readonly input: Estimate;
  /** The answer: `tokens` is expected, `high` is the worst case, up to which a provider may bill. */
  readonly output: Range;
  /** From cheapest to worst case; `undefined` when the price is not known. */
  readonly money: Money | undefined;
  /** The input alone. */
  readonly inputMoney: Money | undefined;
  /** Why the provider would refuse it; empty when it would not. */
  readonly rejected: readonly (Rejection & { readonly path: string })[];
  readonly warnings: readonly string[];
}

/** Options' own default, in `GenerateOptions.maxOutputTokens`. */
const defaultMaxOutputTokens = 4_096;
const defaultExpectedOutputTokens = 300;
/** What vendors put around tool schemas. UNSURE: no figure was found; the upper end leaves room for a hidden instruction. */
const toolFraming: Range = { tokens: 20, low: 0, high: 400 };

/**
 * Tokens and money of a request, before sending it. Pure and synchronous.
 *
 * @throws OcelliError `model-not-found`; `invalid-request` for sizes, lengths and amounts that are none
 * @example
 * const estimate = estimateRequest({
 *   model: 'anthropic:claude-opus-5',
 *   prompt: 'How many coins are there?',
 *   images: [{ width: 1920, height: 1080 }],
 *   maxOutputTokens: 200,
 * });
 * estimate.money; // { usd, low, high, priceAsOf }
 */
export function estimateRequest(query: RequestQuery): RequestEstimate {
  const row = rowOf(query);
  const day = dayOf(query.date);
  const messages = messagesOf(query);
  const context: PartContext = {
    row,
    day,
    tokenizers: query.tokenizers ?? {},
    detail: query.detail ?? row.defaultDetail ?? 'high',
    fit: query.fit ?? 'vendor',
    imagesInRequest: Math.max(1, countImages(messages)),
  };
  const asked = messages.flatMap((message, index) => messageParts(message, index, context));
  const parts = [...asked, ...schemaParts(query, context), framing(messages, asked, context)];
  const input: Estimate = {
    ...roundedRange(sumOf(parts)),
    rule: 'sum',
    confidence: leastConfidence(parts),
    asOf: parts[0]?.asOf ?? day,
  };
  const output = outputOf(query, row);
  const rejected = parts.flatMap((part) =>
    part.rejected === undefined ? [] : [{ ...part.rejected, path: part.path }],
  );
  rejected.push(...requestRejections(query, row, input, messages));
  const audio = sumOf(parts.filter((part) => part.kind === 'audio'));
  return {
    model: row.id,
    parts,
    input,
    output,
    money: money(query, row, day, input, audio, output),
    inputMoney: money(query, row, day, input, audio, { tokens: 0, low: 0, high: 0 }),
    rejected,
    warnings: warningsFor(row, day),
  };
}

function messageParts(message: PlainMessage, index: number, context: PartContext): PartEstimate[] {
  const content: readonly PlainPart[] =
    typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
  return content.map((part, place) => estimatePart(part, `messages[${index}].content[${place}]`, context));
}

function schemaParts(query: RequestQuery, { row, tokenizers }: PartContext): PartEstimate[] {
  const parts: PartEstimate[] = [];
  if (query.tools !== undefined && query.tools.length > 0) {
    const schemas = query.tools.map((tool) => textEstimate(row, JSON.stringify(tool), tokenizers));
    const first = schemas[0];
    // Vendors rewrite schemas into a form of their own, seen both shorter and longer than the JSON.
    const { tokens, low, high } = sumOf([...schemas, toolFraming]);
    const range = roundedRange({ tokens, low: low * 0.5, high: high * 1.5 });
    if (first !== undefined) parts.push({ ...first, ...range, confidence: 'assumed', path: 'tools', kind: 'tools' });
  }
  // A local model is held to its schema byte by byte and never sees it.
  if (query.output !== undefined && row.textRule.tokenizer !== 'local') {
    const schema = textEstimate(row, JSON.stringify(query.output), tokenizers);
    const range = roundedRange({ tokens: schema.tokens, low: 0, high: schema.high * 1.5 });
    parts.push({ ...schema, ...range, confidence: 'assumed', path: 'output', kind: 'output' });
  }
  return parts;
}

/** What a conversation takes beyond its parts; where the model counts for itself, all that is missing in the sum of them. */
function framing(messages: readonly PlainMessage[], parts: readonly Estimate[], context: PartContext): PartEstimate {
  const { row, day } = context;
  const { perMessage, perRequest, confidence } = row.textRule;
  const asOf = row.sources[0]?.checkedOn ?? day;
  const whole = countedBySelf(messages, context);
  const place = { confidence, asOf, path: 'messages', kind: 'framing' } as const;
  if (whole !== undefined && 'refused' in whole)
    return { tokens: 0, low: 0, high: 0, rule: 'own', ...place, rejected: { reason: whole.refused } };
  if (whole !== undefined) {
    const tokens = whole.tokens - sumOf(parts).tokens;
    return { tokens, low: tokens, high: tokens, rule: 'own', ...place, path: 'framing' };
  }
  const range = roundedRange(sumOf([times(perMessage, messages.length), perRequest]));
  return { ...range, rule: 'framing', ...place, path: 'framing' };
}

function outputOf(query: RequestQuery, row: ModelRow): Range {
  const limit = row.limits.maxOutputTokens ?? Infinity;
  const worst = query.maxOutputTokens ?? Math.min(defaultMaxOutputTokens, limit);
  checkTokens('maxOutputTokens', worst);
  const expected = Math.min(worst, query.expectedOutputTokens ?? defaultExpectedOutputTokens);
  checkTokens('expectedOutputTokens', expected);
  return { tokens: expected, low: Math.min(1, expected), high: worst };
}

function requestRejections(
  query: RequestQuery,
  row: ModelRow,
  input: Estimate,
  messages: readonly PlainMessage[],
): (Rejection & { path: string })[] {
  const rejections: (Rejection & { path: string })[] = [];
  const { contextTokens, maxOutputTokens, requestBytes } = row.limits;
  if (contextTokens !== undefined && input.low > contextTokens)
    rejections.push({
      path: 'messages',
      reason: `The input is at least ${input.low} tokens, over the model's context of ${contextTokens}; shorten it.`,
    });
  if (maxOutputTokens !== undefined && (query.maxOutputTokens ?? 0) > maxOutputTokens)
    rejections.push({
      path: 'maxOutputTokens',
      reason: `The model answers with at most ${maxOutputTokens} tokens, not ${query.maxOutputTokens ?? 0}.`,
    });
  const encoded = encodedBytes(messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content)));
  if (requestBytes !== undefined && encoded > requestBytes)
    rejections.push({
      path: 'messages',
      reason: `The media are ${encoded} bytes as base64, over the limit of ${requestBytes} for a request.`,
    });
  return rejections;
}

function encodedBytes(parts: readonly PlainPart[]): number {
  return parts.reduce((sum, part) => {
    if (part.type === 'tool-result') return sum + (typeof part.content === 'string' ? 0 : encodedBytes(part.content));
    return sum + ('bytes' in part && part.bytes !== undefined ? 4 * Math.ceil(part.bytes / 3) : 0);
  }, 0);
}

function money(
  query: RequestQuery,
  row: ModelRow,
  day: string,
  input: Range,
  audio: Range,
  output: Range,
): Money | undefined {
  const cached = query.cachedInputTokens ?? 0;
  checkTokens('cachedInputTokens', cached);
  const billed = (end: keyof Range): BilledTokens => {
    const audioInput = Math.min(audio[end], input[end]);
    const cacheRead = Math.min(cached, input[end] - audioInput);
    return { input: input[end] - audioInput - cacheRead, cacheRead, audioInput, output: output[end] };
  };
  return priceOf({
    row,
    day,
    tokens: billed('tokens'),
    low: billed('low'),
    high: billed('high'),
    batch: query.batch === true,
  });
}

function warningsFor(row: ModelRow, day: string): string[] {
  const warnings: string[] = [];
  if (isRetired(row, day))
    warnings.push(`${row.id} no longer answers${row.retiresOn === undefined ? '' : ` since ${row.retiresOn}`}.`);
  const price = priceOf({ row, day, tokens: { input: 1, output: 1 } });
  if (price === undefined) warnings.push(`No price of ${row.id} is known.`);
  else if (price.priceExpiredOn !== undefined)
    warnings.push(`The price of ${row.id} held until ${price.priceExpiredOn}; it may have changed since.`);
  return warnings;
}

function checkTokens(name: string, tokens: number): void {
  if (!Number.isSafeInteger(tokens) || tokens < 0)
    throw new OcelliError(
      'invalid-request',
      `\`${name}\` is ${String(tokens)}; a whole number of at least 0 is needed.`,
    );
}
