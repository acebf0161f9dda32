/** Collects one call's events into its reply, whether it ends well or not. */

import {
  ContentBuilder,
  unknownUsage,
  type AssistantPart,
  type Attempt,
  type CallEstimate,
  type ContentEvent,
  type FinishReason,
  type MediaReport,
  type Money,
  type Reply,
  type Usage,
  type Warning,
} from '../request/index.js';
import { completeUsage } from './attempt-stream.js';

/** What stays over all attempts (warnings, attempts) and what begins anew with each (content, usage). */
export class ReplyBuilder {
  readonly attempts: Attempt[] = [];
  readonly #sharedWarnings: Warning[] = [];
  #content = new ContentBuilder();
  #warnings: Warning[] = [];
  #usage: Usage = unknownUsage;
  #model = '';
  #responseModel: string | undefined;
  #responseId: string | undefined;
  #images: readonly MediaReport[] = [];
  #estimate: CallEstimate | undefined;
  #finishReason: FinishReason | undefined;
  readonly #price: (model: string, usage: Usage) => Money | undefined;

  constructor(price: (model: string, usage: Usage) => Money | undefined = () => undefined) {
    this.#price = price;
  }

  /** A new attempt begins: what an earlier one had said is forgotten. */
  begin(
    model: string,
    prepared: { warnings: readonly Warning[]; images: readonly MediaReport[]; estimate?: CallEstimate | undefined },
  ): void {
    this.#content = new ContentBuilder();
    this.#warnings = [...prepared.warnings];
    this.#estimate = prepared.estimate;
    this.#usage = unknownUsage;
    this.#model = model;
    this.#responseModel = undefined;
    this.#responseId = undefined;
    this.#images = prepared.images;
    this.#finishReason = undefined;
  }

  identify(responseModel: string | undefined, responseId: string | undefined): void {
    this.#responseModel = responseModel ?? this.#responseModel;
    this.#responseId = responseId ?? this.#responseId;
  }

  add(event: ContentEvent): void {
    this.#content.add(event);
  }

  warn(warning: Warning): void {
    this.#warnings.push(warning);
  }

  /** A warning about the route, not about one target: it stays whoever answers. */
  warnOfRoute(warning: Warning): void {
    this.#sharedWarnings.push(warning);
  }

  setUsage(usage: Usage): void {
    this.#usage = usage;
  }

  finish(reason: FinishReason, usage: Usage): void {
    this.#finishReason = reason;
    this.#usage = usage;
  }

  get text(): string {
    return textOf(this.#content.parts(), 'text');
  }

  /** The usage so far; after a cut the output is counted from what was seen. */
  get usage(): Usage {
    return this.#finishReason === undefined ? completeUsage(this.#usage, this.#content.outputCharacters) : this.#usage;
  }

  build<T>(object: T | undefined): Reply<T> {
    const content = this.#content.parts();
    return {
      text: textOf(content, 'text'),
      object,
      reasoning: textOf(content, 'reasoning'),
      content,
      toolCalls: content.filter((part) => part.type === 'tool-call'),
      messages: content.length === 0 ? [] : [{ role: 'assistant', content }],
      model: this.#model,
      ...(this.#responseModel === undefined ? {} : { responseModel: this.#responseModel }),
      ...(this.#responseId === undefined ? {} : { responseId: this.#responseId }),
      finishReason: this.#finishReason,
      usage: this.usage,
      cost: this.#model === '' ? undefined : this.#price(this.#model, this.usage),
      estimate: this.#estimate,
      warnings: [...this.#sharedWarnings, ...this.#warnings],
      attempts: [...this.attempts],
      images: this.#images,
    };
  }
}

function textOf(content: readonly AssistantPart[], type: 'text' | 'reasoning'): string {
  return content.map((part) => (part.type === type ? part.text : '')).join('');
}
