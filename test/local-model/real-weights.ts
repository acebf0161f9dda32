/** Runs the engine on real weights (scripts/real-weights/make.py) and says what each of its shortcuts costs against PyTorch at fp32. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator, type Schema } from '@cfworker/json-schema';
import { AppendCache } from '../../local-model/engine/append-cache.js';
import { familyOf } from '../../local-model/engine/families.js';
import { FeedBackCache } from '../../local-model/engine/feed-back-cache.js';
import { openModelFolder } from '../../local-model/engine/folder.js';
import { Decoding, type DecoderNetwork } from '../../local-model/engine/generate.js';
import { loadEngine, type LoadOptions } from '../../local-model/engine/index.js';
import { CacheLayout } from '../../local-model/engine/kv-cache.js';
import { createGateMemory, NativeGate } from '../../local-model/engine/native-gate.js';
import { loadOnnxRuntime } from '../../local-model/engine/runtime.js';
import { likeliest } from '../../local-model/engine/sampler.js';
import { closeSessions, openPatchedSessions } from '../../local-model/engine/sessions.js';

/** What reference.py wrote. */
export interface Reference {
  readonly cases: readonly {
    readonly prompt: string;
    readonly ids: readonly number[];
    readonly answer: readonly number[];
    /** Between the best two logits, as a part of the largest. */
    readonly gaps: readonly number[];
  }[];
  readonly windows: readonly (readonly number[])[];
  readonly perplexity: number;
}

/** A way of running the decoder. */
export interface Way {
  readonly name: string;
  readonly dtype: 'fp32' | 'q4';
  readonly appendOnly: boolean;
  readonly splitAttention: boolean;
  readonly fastFourBit: boolean;
}

const plain = { appendOnly: false, splitAttention: false, fastFourBit: false };

/** From nothing changed to everything. */
export const ways: readonly Way[] = [
  { name: 'fp32, cache fed back', dtype: 'fp32', ...plain },
  { name: 'fp32, append-only', dtype: 'fp32', ...plain, appendOnly: true },
  { name: 'fp32, append-only, attention split', dtype: 'fp32', ...plain, appendOnly: true, splitAttention: true },
  { name: '4-bit, cache fed back', dtype: 'q4', ...plain },
  { name: '4-bit, append-only', dtype: 'q4', ...plain, appendOnly: true },
  { name: '4-bit, append-only, attention split', dtype: 'q4', ...plain, appendOnly: true, splitAttention: true },
  { name: '4-bit at level 4, cache fed back', dtype: 'q4', ...plain, fastFourBit: true },
  { name: '4-bit at level 4, append-only', dtype: 'q4', ...plain, fastFourBit: true, appendOnly: true },
  {
    name: '4-bit at level 4, append-only, attention split (default)',
    dtype: 'q4',
    appendOnly: true,
    splitAttention: true,
    fastFourBit: true,
  },
];

/** Two logits nearer than this, as a part of the largest, may change places by rounding. */
export const nearTie = 1e-3;
const threads = 2;
const free = { check: () => undefined };

/** @param folder `.cache/real-weights`; `undefined` when it was not made */
export function openReference(folder: string): Reference | undefined {
  const path = join(folder, 'reference.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Reference) : undefined;
}

/** A loaded decoder and how to start anew with it. */
export interface Runner {
  start(): Decoding;
  close(): Promise<void>;
}

export async function openWay(folder: string, way: Way): Promise<Runner> {
  const files = openModelFolder(join(folder, way.dtype));
  const ort = await loadOnnxRuntime();
  const gate = new NativeGate(createGateMemory());
  const { sessions, patch } = await openPatchedSessions(ort, files.sessions, { threads, ...way }, gate);
  const layout = new CacheLayout(ort, sessions.decoder_model_merged, patch.appending);
  const expected = way.splitAttention ? 'split' : way.appendOnly ? 'grouped' : undefined;
  if (layout.appending !== expected) throw new Error(`${way.name}: the cache is kept ${layout.appending ?? 'plain'}`);
  const network: DecoderNetwork = { ort, sessions, family: familyOf(files), layout, gate };
  return {
    start: () => new Decoding(network, free, way.appendOnly ? new AppendCache(layout) : new FeedBackCache(layout)),
    close: () => closeSessions(sessions),
  };
}

/** Tokens that are chosen as PyTorch chooses them, up to the first near-tie. */
export interface GreedyResult {
  readonly prompt: string;
  /** Tokens until the end or the first near-tie. */
  readonly compared: number;
  readonly equal: number;
}

export async function greedyResults(runner: Runner, reference: Reference): Promise<readonly GreedyResult[]> {
  const results: GreedyResult[] = [];
  for (const { prompt, ids, answer, gaps } of reference.cases) {
    const tie = gaps.findIndex((gap) => gap < nearTie);
    const compared = tie === -1 ? answer.length : tie;
    const decoding = runner.start();
    let logits = await decoding.prefill(ids, -1, []);
    let equal = 0;
    while (equal < compared && likeliest(logits) === answer[equal]) {
      logits = await decoding.next(answer[equal++] ?? 0);
    }
    results.push({ prompt, compared, equal });
  }
  return results;
}

/** In runs of 64 tokens, so that most of what is looked at was remembered. */
export async function perplexityOf(runner: Runner, windows: Reference['windows']): Promise<number> {
  let total = 0;
  let count = 0;
  for (const ids of windows) {
    const decoding = runner.start();
    for (let start = 0; start < ids.length - 1; start += 64) {
      const part = ids.slice(start, Math.min(start + 64, ids.length - 1));
      const rows = await decoding.extend(part, part.length);
      for (const [place, logits] of rows.entries()) {
        total -= logProbability(logits, ids[start + place + 1] ?? 0);
        count++;
      }
    }
  }
  return Math.exp(total / count);
}

function logProbability(logits: Float32Array, id: number): number {
  const most = logits.reduce((larger, logit) => Math.max(larger, logit), -Infinity);
  const sum = logits.reduce((all, logit) => all + Math.exp(logit - most), 0);
  return (logits[id] ?? NaN) - most - Math.log(sum);
}

/** Texts of the engine as a whole. */
export async function answersOf(
  folder: string,
  prompts: readonly string[],
  options: LoadOptions,
  maxOutputTokens = 48,
): Promise<readonly string[]> {
  const engine = await loadEngine({ folder, threads, runInProcess: true, ...options });
  const texts: string[] = [];
  for (const prompt of prompts) {
    let text = '';
    const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: prompt }] }];
    for await (const event of engine.generate({ messages, maxOutputTokens }))
      if (event.type === 'text') text += event.text;
    texts.push(text);
  }
  await engine.close();
  return texts;
}

const person: Schema = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 30 },
    age: { type: 'integer', minimum: 0, maximum: 120 },
    colours: { type: 'array', items: { enum: ['red', 'green', 'blue'] }, maxItems: 3 },
  },
  required: ['name', 'age', 'colours'],
  additionalProperties: false,
};

/** How many answers held to a schema are valid, of how many. */
export async function constrainedResults(
  folder: string,
  prompts: readonly string[],
): Promise<{ valid: number; of: number }> {
  const engine = await loadEngine({ folder: join(folder, 'q4'), threads, runInProcess: true });
  const validator = new Validator(person, '2020-12');
  let valid = 0;
  for (const prompt of prompts) {
    const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: prompt }] }];
    let text = '';
    const constraint = { type: 'json-schema' as const, schema: person };
    for await (const event of engine.generate({ messages, maxOutputTokens: 120, constraint })) {
      if (event.type === 'text') text += event.text;
    }
    if (validator.validate(JSON.parse(text)).valid) valid++;
  }
  await engine.close();
  return { valid, of: prompts.length };
}
