/** Builds the parts of an answer out of its events, so that no adapter has to. */

import type { ContentEvent } from './events.js';
import type { AssistantPart, ProviderData, ReasoningPart, TextPart, ToolCallPart } from './parts.js';

type OpenPart = { type: 'text' | 'reasoning'; texts: string[]; providerData: ProviderData | undefined };

/** Feed it every content event in order; ask for the parts at any time. */
export class ContentBuilder {
  readonly #parts: (OpenPart | ToolCallPart)[] = [];
  #outputCharacters = 0;

  /** Characters of text, reasoning and arguments so far: the base of an estimate when the provider says nothing. */
  get outputCharacters(): number {
    return this.#outputCharacters;
  }

  /** Whether anything of an answer has come. */
  get isEmpty(): boolean {
    return this.#parts.length === 0 && this.#outputCharacters === 0;
  }

  add(event: ContentEvent): void {
    switch (event.type) {
      case 'text-delta':
      case 'reasoning-delta':
        this.#addText(event.type === 'text-delta' ? 'text' : 'reasoning', event);
        return;
      case 'tool-call-start':
        return;
      case 'tool-call-delta':
        this.#outputCharacters += event.argumentsText.length;
        return;
      case 'tool-call-end':
        this.#parts.push({
          type: 'tool-call',
          id: event.id,
          name: event.name,
          arguments: event.arguments,
          ...(event.providerData === undefined ? {} : { providerData: event.providerData }),
        });
        return;
      default: {
        const unknown: never = event;
        throw new TypeError(`Unknown content event ${JSON.stringify(unknown)}`);
      }
    }
  }

  /** The parts so far, in order; texts that are empty and carry no provider data are left out. */
  parts(): AssistantPart[] {
    return this.#parts
      .map((part) => (part.type === 'tool-call' ? part : closePart(part)))
      .filter((part) => part.type === 'tool-call' || part.text !== '' || part.providerData !== undefined);
  }

  #addText(
    type: 'text' | 'reasoning',
    event: { readonly text: string; readonly providerData?: ProviderData; readonly newPart?: boolean },
  ): void {
    this.#outputCharacters += event.text.length;
    const last = this.#parts.at(-1);
    if (last !== undefined && last.type === type && event.newPart !== true) {
      last.texts.push(event.text);
      if (event.providerData !== undefined)
        last.providerData = mergeProviderData(last.providerData, event.providerData);
      return;
    }
    this.#parts.push({ type, texts: [event.text], providerData: event.providerData });
  }
}

function closePart(part: OpenPart): TextPart | ReasoningPart {
  return {
    type: part.type,
    text: part.texts.join(''),
    ...(part.providerData === undefined ? {} : { providerData: part.providerData }),
  };
}

function mergeProviderData(first: ProviderData | undefined, second: ProviderData): ProviderData {
  const merged: Record<string, ProviderData[string]> = { ...first };
  for (const [provider, data] of Object.entries(second)) merged[provider] = { ...merged[provider], ...data };
  return merged;
}
