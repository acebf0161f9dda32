/** Resolves a model folder in the Hugging Face hub ONNX layout: its JSON, its chat template and the weights to load. */

import { lstatSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { bundledDtype, isBundled } from './bundled.js';
import { defaultTemplate } from './families/templates.js';
import { isRecord, recordAt, stringAt, type JsonRecord } from './json.js';
import { localModelError, reasonOf } from './local-model-error.js';
import { describeBytes, readExternalData } from './onnx-file.js';
import { realPath } from './real-path.js';
import type { Dtype } from './request.js';

/** The three graphs of every vision-language model. */
export type SessionName = 'vision_encoder' | 'embed_tokens' | 'decoder_model_merged';

const sessionNames: readonly SessionName[] = ['vision_encoder', 'embed_tokens', 'decoder_model_merged'];

/** The end of a weight file's name for each kind. */
export const dtypeSuffixes: Readonly<Record<Dtype, string>> = {
  fp32: '',
  fp16: '_fp16',
  int8: '_int8',
  uint8: '_uint8',
  q8: '_quantized',
  q4: '_q4',
  q4f16: '_q4f16',
};

/**
 * Which file is taken when several exist, fastest good one on a CPU first.
 * Measured in reference/local-engine.md, section 3 (2026-11-23); embeddings are only looked up, so the exact ones come first.
 */
export const dtypePreference: Readonly<Record<SessionName, readonly Dtype[]>> = {
  // q4f16 is slow as the hub has it (accuracy level 0: 23 ms a token where q4 takes 7), so it comes late.
  decoder_model_merged: ['q4', 'int8', 'q8', 'uint8', 'fp32', 'q4f16', 'fp16'],
  vision_encoder: ['int8', 'q8', 'uint8', 'fp32', 'fp16', 'q4', 'q4f16'],
  embed_tokens: ['fp32', 'fp16', 'int8', 'q8', 'uint8', 'q4', 'q4f16'],
};

export interface SessionFile {
  readonly path: string;
  readonly dtype: Dtype;
  /** Bytes of the graph and of its external data. */
  readonly bytes: number;
  /** Whether its exporter had the runtime rewrite it (`finished-graph.ts`). Default false. */
  readonly isFinished?: boolean;
  /**
   * Whether it is a bundled one that is trusted (`FolderOptions.trustBundled`): it is not read over or tried out, since tests hold what that would
   * find (`finished-graphs.test.ts`, `append-cache.test.ts`). Default false.
   */
  readonly isTrusted?: boolean;
}

/** The graphs of a model; `encoder_model` is there where a family has an encoder for the prompt. */
export type SessionFiles = Readonly<Record<SessionName, SessionFile>> & { readonly encoder_model?: SessionFile };

/** The text side of a folder. */
export interface TokenizerFiles {
  readonly tokenizer: JsonRecord;
  readonly tokenizerConfig: JsonRecord;
}

/** What turns a conversation into token ids. */
export interface TextSide extends TokenizerFiles {
  readonly config: JsonRecord;
  /** Jinja source. */
  readonly chatTemplate: string;
}

export interface ModelFolder extends TextSide {
  readonly path: string;
  readonly generationConfig: JsonRecord;
  readonly preprocessorConfig: JsonRecord;
  readonly processorConfig: JsonRecord;
  readonly sessions: SessionFiles;
  /** Bytes of all weights to be loaded. */
  readonly weightBytes: number;
}

export interface FolderOptions {
  /** A kind of weights for all graphs or for some; default: the best that exists. */
  readonly dtype?: Dtype | Readonly<Partial<Record<SessionName, Dtype>>>;
  /**
   * Trust the graphs of a bundled folder, which came in the package with this code, like it: reading them over would hold up loading.
   * Default false.
   */
  readonly trustBundled?: boolean;
}

const maxJsonBytes = 8 * 1024 ** 2;
const maxTokenizerBytes = 96 * 1024 ** 2;

/**
 * Reads everything about a model but its weights. Nothing outside the folder is opened.
 *
 * @throws OcelliError `local-model` saying which file is missing or broken
 */
export function openModelFolder(path: string, options: FolderOptions = {}): ModelFolder {
  const root = rootOf(path);
  const config = readJson(root, 'config.json', maxJsonBytes, true);
  const { tokenizer, tokenizerConfig } = tokenizerFiles(root);
  const processorConfig = readJson(root, 'processor_config.json', maxJsonBytes, false);
  const trustBundled = options.trustBundled === true && isBundled(root);
  const names = config['is_encoder_decoder'] === true ? ([...sessionNames, 'encoder_model'] as const) : sessionNames;
  const sessions = Object.fromEntries(
    names.map((name) => {
      const file = chooseSession(root, name, { ...options, trustBundled });
      return [name, { ...file, isFinished: isFinished(file, config) }];
    }),
  ) as unknown as SessionFiles;
  return {
    path: root,
    config,
    generationConfig: readJson(root, 'generation_config.json', maxJsonBytes, false),
    preprocessorConfig: readJson(root, 'preprocessor_config.json', maxJsonBytes, true),
    processorConfig,
    tokenizer,
    tokenizerConfig,
    chatTemplate: chatTemplate(root, tokenizerConfig, processorConfig, stringAt(config, 'model_type')),
    sessions,
    weightBytes: Object.values(sessions).reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** A key of our own: the names of the files that `local-model/training/export.py` had rewritten. */
function isFinished({ path }: SessionFile, config: JsonRecord): boolean {
  const finished = recordAt(config, 'ocelli')['finished_graphs'];
  return Array.isArray(finished) && finished.includes(basename(path, '.onnx'));
}

/** The JSON and the weights of a folder in the same careful way, for models with other graphs than the three above. */
export function openOtherFolder(path: string, options: Pick<FolderOptions, 'trustBundled'> = {}): OtherFolder {
  const root = rootOf(path);
  const trustBundled = options.trustBundled === true && isBundled(root);
  return {
    path: root,
    config: readJson(root, 'config.json', maxJsonBytes, true),
    preprocessorConfig: readJson(root, 'preprocessor_config.json', maxJsonBytes, true),
    ...tokenizerFiles(root),
    weights: (graph, dtypes) => findWeights(root, graph, dtypes, trustBundled),
  };
}

export interface OtherFolder extends TokenizerFiles {
  readonly path: string;
  readonly config: JsonRecord;
  readonly preprocessorConfig: JsonRecord;
  /** The first kind that exists of a graph, checked like every other. */
  weights(graph: string, dtypes: readonly Dtype[]): SessionFile | undefined;
}

/** Only what a model family reads. */
export function readFamilyConfig(path: string): {
  readonly config: JsonRecord;
  readonly preprocessorConfig: JsonRecord;
  readonly processorConfig: JsonRecord;
} {
  const root = rootOf(path);
  return {
    config: readJson(root, 'config.json', maxJsonBytes, true),
    preprocessorConfig: readJson(root, 'preprocessor_config.json', maxJsonBytes, true),
    processorConfig: readJson(root, 'processor_config.json', maxJsonBytes, false),
  };
}

/** Everything that a conversation's tokens depend on: all of a folder but its weights, which may not be there. */
export function readCountingFiles(path: string): TextSide & ReturnType<typeof readFamilyConfig> {
  const root = rootOf(path);
  const files = readFamilyConfig(root);
  const text = tokenizerFiles(root);
  const type = stringAt(files.config, 'model_type');
  return { ...files, ...text, chatTemplate: chatTemplate(root, text.tokenizerConfig, files.processorConfig, type) };
}

/** Only what a tokenizer needs. */
export function readTokenizerFiles(path: string): TokenizerFiles {
  return tokenizerFiles(rootOf(path));
}

function tokenizerFiles(root: string): TokenizerFiles {
  return {
    tokenizer: readJson(root, 'tokenizer.json', maxTokenizerBytes, true),
    tokenizerConfig: readJson(root, 'tokenizer_config.json', maxJsonBytes, true),
  };
}

function rootOf(path: string): string {
  try {
    const root = realPath(resolve(path));
    if (statSync(root).isDirectory()) return root;
  } catch {
    throw localModelError(
      `The model folder ${path} does not exist. Name a folder with config.json, tokenizer.json and onnx/.`,
    );
  }
  throw localModelError(`${path} is a file, not a model folder. Name the folder that holds config.json and onnx/.`);
}

/** The real path of a file that must lie in the folder; `undefined` when there is none. */
function inside(root: string, name: string): string | undefined {
  const path = join(root, name);
  try {
    lstatSync(path);
  } catch {
    return undefined;
  }
  let real: string;
  try {
    real = realPath(path);
  } catch {
    throw localModelError(`${name} is a link to a file that does not exist. Put the file itself into the folder.`);
  }
  if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw localModelError(
      `${name} leads out of the model folder. Only files in the folder are read; copy the file there.`,
    );
  }
  if (!statSync(real).isFile()) throw localModelError(`${name} is not a file.`);
  return real;
}

function readText(root: string, name: string, maxBytes: number): string | undefined {
  const path = inside(root, name);
  if (path === undefined) return undefined;
  const size = statSync(path).size;
  if (size > maxBytes) {
    throw localModelError(
      `${name} has ${describeBytes(size)}; more than ${describeBytes(maxBytes)} is not believable.`,
    );
  }
  return readFileSync(path, 'utf8');
}

function readJson(root: string, name: string, maxBytes: number, required: boolean): JsonRecord {
  const text = readText(root, name, maxBytes);
  if (text === undefined) {
    if (!required) return {};
    throw localModelError(`${name} is missing in ${root}. The folder must have the Hugging Face hub layout.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw localModelError(`${name} is not JSON (${reasonOf(error)}). Fetch it again.`);
  }
  if (!isRecord(value)) throw localModelError(`${name} must hold a JSON object.`);
  return value;
}

/** Newest place first: `chat_template.jinja`, `chat_template.json`, the processor's, the tokenizer's (one, or a list of named ones). */
function chatTemplate(
  root: string,
  tokenizerConfig: JsonRecord,
  processorConfig: JsonRecord,
  modelType: string | undefined,
): string {
  const template =
    readText(root, 'chat_template.jinja', maxJsonBytes) ??
    namedTemplate(readJson(root, 'chat_template.json', maxJsonBytes, false)['chat_template']) ??
    namedTemplate(processorConfig['chat_template']) ??
    namedTemplate(tokenizerConfig['chat_template']) ??
    defaultTemplate(modelType);
  if (template === undefined) {
    throw localModelError(
      'The model has no chat template: chat_template.jinja, chat_template.json or "chat_template" in tokenizer_config.json is needed.',
    );
  }
  return template;
}

function namedTemplate(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (isRecord(value)) return stringAt(value, 'default');
  if (!Array.isArray(value)) return undefined;
  const templates = value.filter(isRecord);
  const chosen = templates.find((entry) => entry['name'] === 'default') ?? templates[0];
  return chosen === undefined ? undefined : stringAt(chosen, 'template');
}

const dtypesOf = Object.keys(dtypeSuffixes) as readonly Dtype[];

function chooseSession(root: string, name: SessionName | 'encoder_model', options: FolderOptions): SessionFile {
  const like = name === 'encoder_model' ? 'decoder_model_merged' : name;
  const wanted = typeof options.dtype === 'string' ? options.dtype : options.dtype?.[like];
  const dtypes = wanted === undefined ? dtypePreference[like] : [wanted];
  const found = findWeights(root, name, dtypes, options.trustBundled);
  if (found !== undefined) return found;
  const asked = wanted === undefined ? '' : ` as ${wanted}`;
  if (findWeights(root, 'text_model', dtypesOf) !== undefined) {
    throw localModelError(
      `${root} holds a dual encoder (CLIP, SigLIP), which answers no questions. Use it with embed, classify or an index of pictures.`,
    );
  }
  throw localModelError(
    `onnx/${name}${wanted === undefined ? '' : dtypeSuffixes[wanted]}.onnx is missing in ${root}: this model has no ${name}${asked}.`,
  );
}

function findWeights(
  root: string,
  graph: string,
  dtypes: readonly Dtype[],
  trustBundled = false,
): SessionFile | undefined {
  for (const dtype of dtypes) {
    const file = `onnx/${graph}${dtypeSuffixes[dtype]}.onnx`;
    const path = inside(root, file);
    if (path === undefined) continue;
    const isTrusted = trustBundled && dtype === bundledDtype;
    // No bundled graph has external data.
    return { path, dtype, bytes: isTrusted ? statSync(path).size : checkedBytes(root, path, file), isTrusted };
  }
  return undefined;
}

/** Size of a graph with its external data, after checking that the data lies in the folder and is all there. */
function checkedBytes(root: string, path: string, file: string): number {
  const folder = dirname(path);
  const sizes = new Map<string, number>();
  for (const data of readExternalData(path, file)) {
    const size = sizes.get(data.location) ?? externalSize(root, folder, data.location, file);
    sizes.set(data.location, size);
    const end = data.offset + Math.max(data.length ?? 0, data.claimedBytes);
    if (!(data.offset >= 0 && end <= size)) {
      throw localModelError(
        `${file} claims weights up to ${describeBytes(end)} in ${basename(data.location)}, which has ${describeBytes(size)}. Fetch both again.`,
      );
    }
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, statSync(path).size);
}

function externalSize(root: string, folder: string, location: string, file: string): number {
  const target = resolve(folder, location);
  const way = relative(folder, target);
  if (isAbsolute(location) || way === '' || way.startsWith('..') || isAbsolute(way)) {
    throw localModelError(`${file} keeps weights outside the model folder, which is refused.`);
  }
  const real = inside(root, relative(root, target));
  if (real === undefined) throw localModelError(`${relative(root, target)}, which ${file} needs, is missing.`);
  return statSync(real).size;
}

/** The context length that the folder's JSON states. Llama's own default stands where it states none. */
export function contextTokensOf(config: JsonRecord, tokenizerConfig: JsonRecord): number {
  const textConfig = recordAt(config, 'text_config');
  const stated = [
    textConfig['max_position_embeddings'],
    config['max_position_embeddings'],
    tokenizerConfig['model_max_length'],
  ];
  // transformers writes 1e30 for "unknown" as model_max_length.
  const context = stated.find((value) => typeof value === 'number' && value >= 1 && value < 1e8);
  return typeof context === 'number' ? Math.floor(context) : 2048;
}
