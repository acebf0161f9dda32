/** Loads a folder's tokenizer after making sure that it cannot do harm, and counts texts with it. */

import { readTokenizerFiles, type TokenizerFiles } from './folder.js';
import { isRecord, type JsonRecord } from './json.js';
import { localModelError, reasonOf } from './local-model-error.js';

/** What is used of `Tokenizer` of @huggingface/tokenizers 0.2, whose own types do not resolve under Node's module rules. */
export interface Tokenizer {
  encode(text: string, options?: { readonly add_special_tokens?: boolean }): { readonly ids: number[] };
  decode(
    ids: number[],
    options?: { readonly skip_special_tokens?: boolean; readonly clean_up_tokenization_spaces?: boolean },
  ): string;
  id_to_token(id: number): string | undefined;
  token_to_id(token: string): number | undefined;
  get_added_tokens_decoder(): ReadonlyMap<number, { readonly content: string; readonly special: boolean }>;
}

/** What @huggingface/tokenizers can run; older files leave the type out. */
const modelTypes: ReadonlySet<string> = new Set(['BPE', 'WordPiece', 'Unigram']);
/** Ids above this are no vocabulary but an attempt to make us allocate. */
const maxTokenId = 4_194_304;

/** @throws OcelliError `local-model` when tokenizer.json is broken or hostile */
export async function loadTokenizer(files: TokenizerFiles): Promise<Tokenizer> {
  checkTokenizer(files.tokenizer);
  const tokenizers = await import('@huggingface/tokenizers');
  try {
    const tokenizer: Tokenizer = new tokenizers.Tokenizer(files.tokenizer, files.tokenizerConfig);
    tokenizer.decode(tokenizer.encode('a').ids);
    return tokenizer;
  } catch (error) {
    throw localModelError(`tokenizer.json cannot be used (${reasonOf(error)}). Fetch it again.`);
  }
}

/**
 * A counter of a model's text tokens, exact and without loading its weights: what an estimate before a call needs.
 *
 * @param folder a model folder in the Hugging Face hub layout
 * @throws OcelliError `local-model` when the folder has no usable tokenizer
 * @example
 * const local = await loadTextCounter('./models/llava');
 * estimateText({ model: 'local:tiny', text: 'How many circles?', tokenizers: { local } });
 */
export async function loadTextCounter(folder: string): Promise<(text: string) => number> {
  const tokenizer = await loadTokenizer(readTokenizerFiles(folder));
  return (text) => tokenizer.encode(text, { add_special_tokens: false }).ids.length;
}

/** Refuses vocabularies that would make the tokenizer allocate without bound or misbehave. */
function checkTokenizer(tokenizer: JsonRecord): void {
  const model = tokenizer['model'];
  if (!isRecord(model)) throw localModelError('tokenizer.json has no "model".');
  const type = model['type'];
  if (type !== undefined && !(typeof type === 'string' && modelTypes.has(type))) {
    throw localModelError(`tokenizer.json: a model of the type ${JSON.stringify(type).slice(0, 40)} is not known.`);
  }
  const vocabulary = model['vocab'];
  if (isRecord(vocabulary)) {
    for (const id of Object.values(vocabulary)) checkId(id);
  } else if (!Array.isArray(vocabulary) || vocabulary.length > maxTokenId) {
    throw localModelError('tokenizer.json: "model.vocab" must be an object of ids or a list.');
  }
  const added = tokenizer['added_tokens'] ?? [];
  if (!Array.isArray(added)) throw localModelError('tokenizer.json: "added_tokens" must be a list.');
  for (const token of added as readonly unknown[]) {
    if (!isRecord(token) || typeof token['content'] !== 'string' || token['content'] === '') {
      throw localModelError('tokenizer.json: every added token needs a "content".');
    }
    checkId(token['id']);
  }
}

function checkId(id: unknown): void {
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < maxTokenId) return;
  throw localModelError(
    `tokenizer.json: ${JSON.stringify(id)?.slice(0, 40)} is no token id (a whole number below ${maxTokenId}).`,
  );
}
