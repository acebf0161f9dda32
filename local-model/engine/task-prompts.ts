/** Prompts of models that know tasks instead of conversations: one picture, then what is to be done with it. */

import { OcelliError } from '../../src/errors/index.js';
import { florenceImageToken } from './families/florence2.js';
import { FlorenceTasks } from './families/florence2-tasks.js';
import type { FamilyConfig, PictureShape } from './families/family.js';
import { PlaceWriter } from './families/places.js';
import { isRecord, stringAt, type JsonRecord } from './json.js';
import { localModelError } from './local-model-error.js';
import type { Prompt, PromptMessage, Prompts } from './prompt.js';
import type { Tokenizer } from './tokenizer.js';

/** Builds the encoder's input: the picture's tokens, a beginning, the task's sentence, an end. */
export class TaskPrompts implements Prompts {
  readonly tokenizer: Tokenizer;
  /** Never looked up: what stands for the picture is replaced by its rows. */
  readonly imageTokenId: number;
  readonly #tasks: FlorenceTasks;
  readonly #start: number;
  readonly #end: number;
  readonly #silent: ReadonlySet<number>;

  constructor(
    folder: Pick<FamilyConfig, 'config' | 'preprocessorConfig'>,
    tokenizerConfig: JsonRecord,
    tokenizer: Tokenizer,
  ) {
    const id = folder.config['image_token_id'] ?? folder.config['image_token_index'];
    this.tokenizer = tokenizer;
    this.imageTokenId = typeof id === 'number' && Number.isInteger(id) && id > 0 ? id : florenceImageToken;
    this.#tasks = new FlorenceTasks(folder.preprocessorConfig);
    this.#start = specialToken(tokenizer, tokenizerConfig, 'bos_token', '<s>');
    this.#end = specialToken(tokenizer, tokenizerConfig, 'eos_token', '</s>');
    this.#silent = new Set([this.#start, this.#end, this.imageTokenId, tokenizer.token_to_id('<pad>') ?? this.#end]);
  }

  build(messages: readonly PromptMessage[], pictures: number | readonly PictureShape[]): Prompt {
    const asked = onlyMessage(messages);
    const text = asked.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
    const { sentence, places } = this.#tasks.taskOf(text);
    const imageTokens = typeof pictures === 'number' ? pictures : (pictures[0]?.tokens ?? 0);
    const { ids } = this.tokenizer.encode(sentence, { add_special_tokens: false });
    return {
      ids: [...Array.from({ length: imageTokens }, () => this.imageTokenId), this.#start, ...ids, this.#end],
      imageTokens,
      filter: (sizeOf) => new PlaceWriter(places, sizeOf),
    };
  }

  /** Location tokens are special ones, but part of the answer. */
  decode(ids: readonly number[]): string {
    const spoken = ids.filter((id) => !this.#silent.has(id));
    return this.tokenizer.decode(spoken, { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  }
}

function onlyMessage(messages: readonly PromptMessage[]): PromptMessage {
  const [message] = messages;
  const pictures = messages.flatMap(({ content }) => content).filter((part) => part.type === 'image').length;
  if (message?.role === 'user' && messages.length === 1 && pictures === 1) return message;
  throw new OcelliError(
    'unsupported-input',
    `This local model does one task with one picture, but the request has ${messages.length} messages with ${pictures} pictures. Send one user message with one picture, without a system text.`,
  );
}

function specialToken(tokenizer: Tokenizer, tokenizerConfig: JsonRecord, name: string, otherwise: string): number {
  const value = tokenizerConfig[name];
  const text = (isRecord(value) ? stringAt(value, 'content') : stringAt(tokenizerConfig, name)) ?? otherwise;
  const id = tokenizer.token_to_id(text);
  if (id === undefined) throw localModelError(`tokenizer.json does not have the ${name} ${text.slice(0, 40)}.`);
  return id;
}
