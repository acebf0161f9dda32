/** What differs between families of dual encoders: names of outputs, how texts are padded, how scores are made. */

import { integerAt, isRecord, numberAt, recordAt, stringAt, type JsonRecord } from '../json.js';
import { localModelError } from '../local-model-error.js';
import type { Tokenizer } from '../tokenizer.js';
import type { ScoreKind } from './protocol.js';

export interface DualFamily {
  readonly name: string;
  /** Outputs of the split graphs, first that exists. */
  readonly textOutputs: readonly string[];
  readonly imageOutputs: readonly string[];
  readonly score: ScoreKind;
  /** Texts always have their full length, as in training. */
  readonly padsToFullLength: boolean;
  /** Texts were in lower case in training, which the tokenizer files of SigLIP 2 leave to who uses them. */
  readonly lowersTexts: boolean;
  readonly maxTextTokens: number;
  /** Of trained models, where the folder does not state it. */
  readonly assumedScale: number;
  readonly assumedBias: number;
}

/**
 * CLIP: scale 100, to which training clips it (Radford et al. 2021, section 2.5); SigLIP: google/siglip-base-patch16-224's own, not
 * checked against its file (so400m's scale is 112.33: https://github.com/mlfoundations/open_clip/issues/746, read 2026-11-24). The order of labels
 * does not depend on them.
 */
const families: Readonly<Record<string, Omit<DualFamily, 'name'>>> = {
  clip: {
    textOutputs: ['text_embeds', 'pooler_output'],
    imageOutputs: ['image_embeds', 'pooler_output'],
    score: 'softmax',
    padsToFullLength: false,
    lowersTexts: false,
    maxTextTokens: 77,
    assumedScale: 100,
    assumedBias: 0,
  },
  siglip: {
    textOutputs: ['pooler_output', 'text_embeds'],
    imageOutputs: ['pooler_output', 'image_embeds'],
    score: 'sigmoid',
    padsToFullLength: true,
    lowersTexts: true,
    maxTextTokens: 64,
    assumedScale: 117.33,
    assumedBias: -12.93,
  },
};

/** @throws OcelliError `local-model` for a family that is not in the table */
export function dualFamilyOf(config: JsonRecord): DualFamily {
  const type = stringAt(config, 'model_type') ?? 'unnamed';
  const family = Object.hasOwn(families, type) ? families[type] : undefined;
  if (family === undefined) {
    throw localModelError(
      `config.json names the model type "${type}", which is no dual encoder that this version runs. It runs: ${Object.keys(families).join(', ')}. A model that answers questions is asked with \`generate\` or \`ocelli ask\`.`,
    );
  }
  const text = recordAt(config, 'text_config');
  const stated = integerAt(text, 'max_position_embeddings', 1, 4096, 'config.json');
  return { name: type, ...family, maxTextTokens: stated ?? family.maxTextTokens };
}

/** `logit_scale` as a factor and `logit_bias`, where config.json has them: our own exports do, the hub's do not. */
export function statedScale(config: JsonRecord): { scale: number; bias: number } | undefined {
  const logScale = numberAt(config, 'logit_scale');
  return logScale === undefined ? undefined : { scale: Math.exp(logScale), bias: numberAt(config, 'logit_bias') ?? 0 };
}

/** Token ids of texts as rows of one length, and which of them are no padding. */
export interface TextRows {
  readonly length: number;
  readonly ids: BigInt64Array;
  readonly mask: BigInt64Array;
}

/** Encodes texts, cuts the long ones before their last token (the end), pads the short ones. */
export function textRows(tokenizer: Tokenizer, texts: readonly string[], family: DualFamily, padId: number): TextRows {
  const most = family.maxTextTokens;
  const rows = texts.map((text) => {
    const { ids } = tokenizer.encode(family.lowersTexts ? text.toLowerCase() : text, { add_special_tokens: true });
    return ids.length <= most ? ids : [...ids.slice(0, most - 1), ids.at(-1) ?? padId];
  });
  const length = family.padsToFullLength ? most : Math.max(1, ...rows.map((row) => row.length));
  const ids = new BigInt64Array(rows.length * length).fill(BigInt(padId));
  const mask = new BigInt64Array(rows.length * length);
  rows.forEach((row, index) => {
    ids.set(row.map(BigInt), index * length);
    mask.fill(1n, index * length, index * length + row.length);
  });
  return { length, ids, mask };
}

/** The padding token's id: the tokenizer's own, else its end. */
export function padIdOf(tokenizer: Tokenizer, tokenizerConfig: JsonRecord): number {
  for (const name of ['pad_token', 'eos_token']) {
    const value = tokenizerConfig[name];
    const text = isRecord(value) ? stringAt(value, 'content') : value;
    const id = typeof text === 'string' ? tokenizer.token_to_id(text) : undefined;
    if (id !== undefined) return id;
  }
  return 0;
}
