/** From messages to token ids: chat template, one run of image tokens per picture, tokenizer. */

import type { PictureShape, PictureSize } from './families/family.js';
import type { TextFilter } from './families/places.js';
import type { TextSide } from './folder.js';
import { isRecord, stringAt, type JsonRecord } from './json.js';
import { localModelError, reasonOf } from './local-model-error.js';
import { loadTokenizer, type Tokenizer } from './tokenizer.js';

/** What is used of `Template` of @huggingface/jinja 0.5. */
interface Template {
  render(items: Readonly<Record<string, unknown>>): string;
}

/** A message as templates see it: pictures are placeholders. */
export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: readonly PromptPart[];
}

type PromptPart = { readonly type: 'text'; readonly text: string } | { readonly type: 'image' };

export interface Prompt {
  readonly ids: readonly number[];
  /** How many of the ids stand for pictures. */
  readonly imageTokens: number;
  /** What an answer to it goes through, where it is not plain text; `sizeOf` gives the picture's size once it was looked at. */
  readonly filter?: (sizeOf: () => PictureSize) => TextFilter;
}

/** How a model's prompts are made, whichever way its family has. */
export interface Prompts {
  readonly tokenizer: Tokenizer;
  readonly imageTokenId: number;
  /**
   * Token ids of a conversation that the model is to go on with.
   *
   * @param pictures those of the messages in order, or how many tokens each of them has where all have as many
   */
  build(messages: readonly PromptMessage[], pictures: number | readonly PictureShape[]): Prompt;
  /** Text of an answer's tokens, where that is more than leaving out special ones. */
  decode?(ids: readonly number[]): string;
}

/** What stands for a picture, given the model's image token; without a picture: for any that is not cut into tiles. */
export type Expand = (imageToken: string, picture?: PictureShape) => string;

/** Everything about a model's text side. */
export class PromptBuilder implements Prompts {
  readonly #tokenizer: Tokenizer;
  readonly #template: Template;
  readonly #takesParts: boolean;
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #imageTokenId: number;
  readonly #imageToken: string;
  readonly #expand: Expand;
  /** Special tokens longest first, so that user text cannot forge them. */
  readonly #forgeable: readonly string[];
  readonly #prefix: readonly number[];

  private constructor(folder: TextSide, tokenizer: Tokenizer, template: Template, expand: Expand) {
    this.#tokenizer = tokenizer;
    this.#template = template;
    this.#takesParts = takesParts(folder.chatTemplate);
    this.#variables = specialTokens(folder.tokenizerConfig);
    this.#imageTokenId = imageTokenId(folder.config);
    const imageToken = tokenizer.id_to_token(this.#imageTokenId);
    if (imageToken === undefined) {
      throw localModelError(`config.json names image token ${this.#imageTokenId}, which tokenizer.json does not have.`);
    }
    this.#imageToken = imageToken;
    this.#expand = expand;
    const special = [...tokenizer.get_added_tokens_decoder().values()].filter((token) => token.special);
    this.#forgeable = [...new Set([imageToken, ...special.map((token) => token.content)])]
      .filter((content) => content.length > 1)
      .sort((first, second) => second.length - first.length);
    this.#prefix = addedPrefix(tokenizer);
  }

  /** Loads tokenizer and template; what is wrong with them is said at once, not at the first request. */
  static async load(folder: TextSide, expand: Expand): Promise<PromptBuilder> {
    const [tokenizer, jinja] = await Promise.all([loadTokenizer(folder), import('@huggingface/jinja')]);
    let template: Template;
    try {
      template = new jinja.Template(folder.chatTemplate);
    } catch (error) {
      throw localModelError(`The chat template cannot be read (${reasonOf(error)}).`);
    }
    return new PromptBuilder(folder, tokenizer, template, expand);
  }

  get tokenizer(): Tokenizer {
    return this.#tokenizer;
  }

  get imageTokenId(): number {
    return this.#imageTokenId;
  }

  build(messages: readonly PromptMessage[], pictures: number | readonly PictureShape[]): Prompt {
    const images = messages.flatMap((message) => message.content).filter((part) => part.type === 'image').length;
    const seam = unusedCharacter(messages);
    const rendered = this.#render(messages, seam);
    const around = rendered.split(this.#imageToken);
    if (around.length - 1 !== images) {
      throw localModelError(
        `The chat template made ${around.length - 1} places for ${images} pictures; this model cannot take this conversation.`,
      );
    }
    const prepared = typeof pictures === 'number' ? [] : pictures;
    const ids = around
      .map((piece, place) => (place === 0 ? piece : this.#expand(this.#imageToken, prepared[place - 1]) + piece))
      .join('')
      .split(seam)
      .flatMap((piece) => this.#tokenizer.encode(piece, { add_special_tokens: false }).ids);
    const imageTokens = ids.reduce((count, id) => count + (id === this.#imageTokenId ? 1 : 0), 0);
    const wanted =
      typeof pictures === 'number' ? images * pictures : pictures.reduce((sum, picture) => sum + picture.tokens, 0);
    if (imageTokens !== wanted) {
      throw localModelError(`The tokenizer made ${imageTokens} image tokens where ${wanted} belong.`);
    }
    // Some families put their pictures before the prefix.
    const start = ids.findIndex((id) => id !== this.#imageTokenId);
    const hasPrefix = this.#prefix.every((id, index) => ids[start + index] === id);
    return { ids: hasPrefix ? ids : [...this.#prefix, ...ids], imageTokens };
  }

  #render(messages: readonly PromptMessage[], seam: string): string {
    const safe = messages.map((message) => ({
      role: message.role,
      content: message.content.map((part) =>
        part.type === 'text' ? { type: 'text', text: this.#unforge(part.text, seam) } : { type: 'image' },
      ),
    }));
    const shown = this.#takesParts
      ? safe
      : safe.map(({ role, content }) => ({
          role,
          content: content.map((part) => ('text' in part ? part.text : this.#imageToken)).join(''),
        }));
    try {
      return this.#template.render({ ...this.#variables, messages: shown, add_generation_prompt: true });
    } catch (error) {
      throw localModelError(`The chat template refused this conversation (${reasonOf(error)}).`);
    }
  }

  /** Cuts what looks like a special token after its first character, so that the tokenizer sees plain text. */
  #unforge(text: string, seam: string): string {
    let safe = text;
    for (const token of this.#forgeable) {
      if (safe.includes(token)) safe = safe.replaceAll(token, `${token[0]}${seam}${token.slice(1)}`);
    }
    return safe;
  }
}

function imageTokenId(config: JsonRecord): number {
  const id = config['image_token_index'] ?? config['image_token_id'];
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0) return id;
  throw localModelError('config.json must state "image_token_index" or "image_token_id".');
}

/** Whether a template walks the parts of a message, or expects its content to be one text. */
function takesParts(template: string): boolean {
  return /selectattr\(\s*['"]type['"]|\[\s*['"]type['"]\s*\]|\.type\b|for\s+\w+\s+in\s+message(\.content|\[\s*['"]content['"]\s*\])/.test(
    template,
  );
}

/** `bos_token` and its like, which templates use by name. */
function specialTokens(tokenizerConfig: JsonRecord): Record<string, string> {
  const tokens: Record<string, string> = {};
  for (const name of ['bos_token', 'eos_token', 'unk_token', 'pad_token']) {
    const value = tokenizerConfig[name];
    const text = isRecord(value) ? stringAt(value, 'content') : value;
    if (typeof text === 'string') tokens[name] = text;
  }
  return tokens;
}

/** What the tokenizer puts before every text by itself (a BOS, usually); templates that write it themselves must not get it twice. */
function addedPrefix(tokenizer: Tokenizer): readonly number[] {
  const bare = tokenizer.encode('a', { add_special_tokens: false }).ids;
  const full = tokenizer.encode('a', { add_special_tokens: true }).ids;
  const start = bare[0] === undefined ? -1 : full.indexOf(bare[0]);
  return start <= 0 ? [] : full.slice(0, start);
}

/** A private-use character that no message contains. */
function unusedCharacter(messages: readonly PromptMessage[]): string {
  const texts = messages.flatMap((message) => message.content).map((part) => ('text' in part ? part.text : ''));
  for (let code = 0xe000; code < 0xf8ff; code++) {
    const character = String.fromCharCode(code);
    if (!texts.some((text) => text.includes(character))) return character;
  }
  return '\u{f0000}';
}
