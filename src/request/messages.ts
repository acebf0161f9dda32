/** The messages a conversation is made of. */

import type { AssistantPart, TextPart, ToolResultPart, UserPart } from './parts.js';

export interface SystemMessage {
  readonly role: 'system';
  readonly content: string | readonly TextPart[];
}

export interface UserMessage<P = UserPart> {
  readonly role: 'user';
  readonly content: string | readonly P[];
}

export interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: string | readonly AssistantPart[];
}

export interface ToolMessage {
  readonly role: 'tool';
  readonly content: readonly ToolResultPart[];
}

export type Message<P = UserPart> = SystemMessage | UserMessage<P> | AssistantMessage | ToolMessage;
