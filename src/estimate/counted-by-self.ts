/** Asks a model whose files are at hand for the tokens of a whole conversation. */

import { OcelliError } from '../errors/index.js';
import type { CountedMessage } from '../models/index.js';
import type { PartContext } from './estimate-part.js';
import { scaleForDetail } from './portable-detail.js';
import type { PlainMessage, PlainPart } from './request-parts.js';

/** The tokens of a whole conversation, or why the model does not take it. */
export type OwnCount = { readonly tokens: number } | { readonly refused: string };

/** Exact; `undefined` where the model has no counter, or where something of the conversation has no size or no place in it. */
export function countedBySelf(messages: readonly PlainMessage[], context: PartContext): OwnCount | undefined {
  const { counter } = context.row;
  if (counter === undefined) return undefined;
  const counted: CountedMessage[] = [];
  for (const { role, content } of messages) {
    if (role === 'tool') return undefined;
    const parts: readonly PlainPart[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    // Reasoning of other models stays behind.
    const kept = parts.filter((part) => part.type !== 'reasoning').map((part) => countedPart(part, context));
    if (kept.includes(undefined)) return undefined;
    counted.push({ role, content: kept.filter((part) => part !== undefined) });
  }
  try {
    return { tokens: counter.conversation(counted) };
  } catch (error) {
    if (!OcelliError.isInstance(error)) throw error;
    return { refused: error.message };
  }
}

function countedPart(part: PlainPart, context: PartContext): CountedMessage['content'][number] | undefined {
  if (part.type === 'text') return { type: 'text', text: part.text };
  if (part.type !== 'image' || part.width === undefined || part.height === undefined) return undefined;
  const detail = part.detail ?? context.detail;
  const size = { width: part.width, height: part.height };
  const sent = context.fit === 'vendor' ? scaleForDetail(context.row.imageRule, size, detail) : size;
  return { type: 'image', ...sent, detail };
}
