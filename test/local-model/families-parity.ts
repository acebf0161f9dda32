/** Holds a family's fixture to what transformers made of it: pixels, token ids, logits, greedy answers. For the tests and for `npm run parity`. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { decodeImage, defaultLimitInputPixels } from '../../local-model/engine/decode-image.js';
import { familyOf, knownFamilies, type Family, type PreparedPicture } from '../../local-model/engine/families.js';
import { loadDualEncoder } from '../../local-model/engine/embedding/dual-encoder.js';
import { openModelFolder, type ModelFolder } from '../../local-model/engine/folder.js';
import { acrossSettings, CrossDecoding, type AcrossSettings } from '../../local-model/engine/cross-decoding.js';
import { Decoding, encodeImages, type Network, type TokenDecoder } from '../../local-model/engine/generate.js';
import { CacheLayout } from '../../local-model/engine/kv-cache.js';
import { createGateMemory, NativeGate } from '../../local-model/engine/native-gate.js';
import type { Prompts } from '../../local-model/engine/prompt.js';
import { loadPrompts } from '../../local-model/engine/prompts.js';
import { loadOnnxRuntime } from '../../local-model/engine/runtime.js';
import { withoutRepeats } from '../../local-model/engine/penalties.js';
import { likeliest } from '../../local-model/engine/sampler.js';
import { closeSessions, openSessions } from '../../local-model/engine/sessions.js';
import { dualFolder, dualReference, type DualKind } from './embedding-fixture.js';

export { dualKinds } from './embedding-fixture.js';

const root = fileURLToPath(new URL('../fixtures/families/', import.meta.url));
const pictures = fileURLToPath(new URL('../fixtures/tiny-llava/pictures/', import.meta.url));

export const familyNames = [
  'llava-clip',
  'llava-siglip',
  'idefics3',
  'smolvlm',
  'smolvlm2',
  'paligemma',
  'qwen2-vl',
  'qwen2.5-vl',
  'florence2',
] as const;

/** Model types that the engine takes but that no fixture holds to anything. */
export function untestedFamilies(): readonly string[] {
  const tested = new Set(familyNames.map((name) => new FamilyFixture(name).family.name));
  return knownFamilies.filter((name) => !tested.has(name));
}

type Part = { readonly type: 'text'; readonly text: string } | { readonly type: 'image'; readonly picture: string };

export interface FamilyCase {
  readonly name: string;
  readonly messages: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: readonly Part[] }[];
  readonly ids: readonly number[];
  readonly greedy: readonly number[];
  /** Distance of the best two logits at each step, as a part of the largest. */
  readonly margins: readonly number[];
  readonly logitsOffset: number;
  readonly pixelsOffset: number;
  /** `[0]` where none were kept. */
  readonly pixelsShape: readonly number[];
  readonly grid?: readonly (readonly number[])[];
}

/** What a case comes to; 1 and 0 where there is nothing to compare. */
export interface CaseResult {
  readonly name: string;
  /** Part of the values that are equal but for float rounding. */
  readonly exactPixels: number;
  /** In grey levels. */
  readonly largestPixelDifference: number;
  readonly hasPixels: boolean;
  readonly ids: readonly number[];
  readonly expectedIds: readonly number[];
  /** As a part of the largest logit. */
  readonly logitDifference: number;
  readonly greedy: readonly number[];
  readonly expectedGreedy: readonly number[];
}

/** A step whose two best logits lie closer than this may go either way (issue 7, "Exactness"). */
const nearTie = 1e-3;

export class FamilyFixture {
  readonly folder: ModelFolder;
  readonly family: Family;
  readonly cases: readonly FamilyCase[];
  readonly #name: string;
  #network: Network | undefined;
  #prompts: Prompts | undefined;
  readonly #across: AcrossSettings | undefined;

  constructor(name: (typeof familyNames)[number]) {
    this.#name = name;
    this.folder = openModelFolder(join(root, name, 'model'));
    this.family = familyOf(this.folder);
    this.#across = this.family.fusion === undefined ? undefined : acrossSettings(this.folder);
    this.cases = JSON.parse(this.#reference('cases.json').toString('utf8')) as readonly FamilyCase[];
  }

  async open(): Promise<void> {
    const ort = await loadOnnxRuntime();
    const gate = new NativeGate(createGateMemory());
    const sessions = await openSessions(ort, this.folder.sessions, 1, gate);
    const { family } = this;
    this.#network = { ort, sessions, family, layout: new CacheLayout(ort, sessions.decoder_model_merged), gate };
    this.#prompts = await loadPrompts(this.folder, family);
  }

  async close(): Promise<void> {
    if (this.#network !== undefined) await closeSessions(this.#network.sessions);
  }

  async run(one: FamilyCase): Promise<CaseResult> {
    const network = this.#network;
    const prompts = this.#prompts;
    if (network === undefined || prompts === undefined) throw new Error('open() the fixture first');
    const prepared = await this.prepare(one);
    const messages = one.messages.map(({ role, content }) => ({
      role,
      content: content.map((part) => (part.type === 'text' ? part : ({ type: 'image' } as const))),
    }));
    const prompt = prompts.build(messages, prepared);
    const control = { check: () => undefined };
    const across = this.#across;
    const decoding: TokenDecoder =
      across === undefined ? new Decoding(network, control) : new CrossDecoding(network, control, across);
    decoding.positionsBy(this.family.positionsOf?.(prompt.ids, prompts.imageTokenId, prepared));
    const rows = await encodeImages(network, prepared, control);
    let logits = await decoding.prefill(prompt.ids, prompts.imageTokenId, rows);
    const logitDifference = this.#logitDifference(one, logits);
    const greedy: number[] = [];
    const sure = one.margins.findIndex((margin) => margin < nearTie);
    const steps = sure === -1 ? one.greedy.length : Math.min(sure, one.greedy.length);
    while (greedy.length < steps) {
      const said = [...(across?.beginning ?? []), ...greedy];
      const id = likeliest(across?.noRepeats === undefined ? logits : withoutRepeats(logits, said, across.noRepeats));
      greedy.push(id);
      logits = await decoding.next(id);
    }
    return {
      name: one.name,
      ...this.#pixels(one, prepared),
      ids: prompt.ids,
      expectedIds: one.ids,
      logitDifference,
      greedy,
      expectedGreedy: one.greedy.slice(0, steps),
    };
  }

  /** Cut into tiles where the fixture's own configuration says so. */
  async prepare(one: FamilyCase): Promise<readonly PreparedPicture[]> {
    const tiles = this.folder.preprocessorConfig['do_image_splitting'] === true;
    const shown = one.messages
      .flatMap(({ content }) => content)
      .flatMap((part) => (part.type === 'image' ? [part] : []));
    return Promise.all(
      shown.map(async ({ picture }) => {
        const bitmap = await decodeImage(sharp, readFileSync(join(pictures, picture)), defaultLimitInputPixels);
        return this.family.preprocess(bitmap, { tiles });
      }),
    );
  }

  #pixels(
    one: FamilyCase,
    prepared: readonly PreparedPicture[],
  ): Pick<CaseResult, 'exactPixels' | 'largestPixelDifference' | 'hasPixels'> {
    const count = one.pixelsShape.reduce((product, size) => product * size, 1);
    if (count === 0) return { exactPixels: 1, largestPixelDifference: 0, hasPixels: false };
    const ours = prepared.flatMap((picture) => [...picture.data]);
    const file = this.#reference('pixels.bin');
    const level = 1 / 255 / Math.min(...(this.folder.preprocessorConfig['image_std'] as number[]));
    let exact = 0;
    let largest = ours.length === count ? 0 : Infinity;
    for (let index = 0; index < Math.min(count, ours.length); index++) {
      const difference = Math.abs((ours[index] ?? NaN) - file.readFloatLE(one.pixelsOffset + index * 4));
      if (difference < 1e-6) exact++;
      largest = Math.max(largest, difference);
    }
    return { exactPixels: exact / count, largestPixelDifference: largest / level, hasPixels: true };
  }

  #logitDifference(one: FamilyCase, logits: Float32Array): number {
    const file = this.#reference('logits.bin');
    let largest = 0;
    let scale = 0;
    logits.forEach((logit, index) => {
      const expected = file.readFloatLE(one.logitsOffset + index * 4);
      largest = Math.max(largest, Math.abs(logit - expected));
      scale = Math.max(scale, Math.abs(expected));
    });
    return largest / scale;
  }

  #reference(name: string): Buffer {
    return readFileSync(join(root, this.#name, 'reference', name));
  }
}

/** How near a dual encoder comes, as parts of the largest number expected. */
export interface DualResult {
  readonly name: string;
  readonly images: number;
  readonly texts: number;
  /** Largest difference of a score from 0 to 1. */
  readonly scores: number;
}

export async function dualParity(kind: DualKind): Promise<DualResult> {
  const reference = dualReference(kind);
  const bytes = reference.pictures.map((name) => readFileSync(join(pictures, name)));
  const encoder = await loadDualEncoder({ folder: dualFolder(kind), runInProcess: true, threads: 1 });
  try {
    const { images, texts } = await encoder.embed({ images: bytes, texts: reference.texts });
    let scores = 0;
    for (const [index, image] of bytes.entries()) {
      for (const { label, score } of await encoder.classify({ image, labels: reference.labels })) {
        const expected = reference.scores[index]?.[reference.labels.indexOf(label)] ?? NaN;
        scores = Math.max(scores, Math.abs(score - expected));
      }
    }
    return {
      name: kind,
      images: apart(images, reference.imageEmbeddings),
      texts: apart(texts, reference.textEmbeddings),
      scores,
    };
  } finally {
    await encoder.close();
  }
}

function apart(ours: readonly Float32Array[], theirs: readonly (readonly number[])[]): number {
  const scale = Math.max(...theirs.flat().map(Math.abs));
  const differences = theirs.flatMap((row, index) =>
    row.map((value, place) => Math.abs((ours[index]?.[place] ?? NaN) - value)),
  );
  return Math.max(...differences) / scale;
}
