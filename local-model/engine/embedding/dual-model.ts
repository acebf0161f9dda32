/** A loaded dual encoder: turns pictures and texts into unit vectors of one space, wherever it runs. */

import { createHash } from 'node:crypto';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { decodeImage, defaultLimitInputPixels } from '../decode-image.js';
import { needsExactProducts } from '../eight-bit.js';
import { openOtherFolder, type OtherFolder, type SessionFile } from '../folder.js';
import type { Control } from '../generate.js';
import { loadFailure } from '../load-failure.js';
import { localModelError, reasonOf } from '../local-model-error.js';
import { checkMemory } from '../memory.js';
import type { NativeGate } from '../native-gate.js';
import { readImageProcessor, toPixelValues, type ImageProcessor, type PixelValues } from '../preprocess.js';
import type { Dtype, LoadOptions } from '../request.js';
import { loadOnnxRuntime, loadSharp, physicalCores, type Ort, type SharpFactory } from '../runtime.js';
import { loadTokenizer, type Tokenizer } from '../tokenizer.js';
import { dualFamilyOf, padIdOf, statedScale, textRows, type DualFamily } from './dual-families.js';
import type { DualEncoderSummary } from './protocol.js';
import { cosine, toUnit } from './scores.js';

/** Exact weights first: embeddings are compared by fine differences, and these models are small. */
const dtypeOrder: readonly Dtype[] = ['fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16'];
/** Per run: larger batches gain little and hold memory (reference/local-engine.md, section 5: 30 ms for one picture, 173 for eight). */
const imageBatch = 8;
const textBatch = 32;

/** One graph or two; the joint one stands for both. */
interface Graphs {
  readonly text: InferenceSession;
  readonly image: InferenceSession;
  readonly isJoint: boolean;
  readonly files: Readonly<Record<string, SessionFile>>;
}

export class DualModel {
  summary: DualEncoderSummary;
  readonly #ort: Ort;
  readonly #graphs: Graphs;
  readonly #family: DualFamily;
  readonly #processor: ImageProcessor;
  readonly #tokenizer: Tokenizer;
  readonly #padId: number;
  readonly #gate: NativeGate;
  readonly #limitInputPixels: number;
  #sharp: SharpFactory | undefined;

  private constructor(
    ort: Ort,
    graphs: Graphs,
    family: DualFamily,
    folder: OtherFolder,
    tokenizer: Tokenizer,
    options: LoadOptions,
    gate: NativeGate,
  ) {
    this.#ort = ort;
    this.#graphs = graphs;
    this.#family = family;
    this.#processor = readImageProcessor(folder.preprocessorConfig);
    this.#tokenizer = tokenizer;
    this.#padId = padIdOf(tokenizer, folder.tokenizerConfig);
    this.#gate = gate;
    this.#limitInputPixels = options.limitInputPixels ?? defaultLimitInputPixels;
    const files = Object.entries(graphs.files);
    this.summary = {
      family: family.name,
      dimension: 0,
      maxTextTokens: family.maxTextTokens,
      score: family.score,
      scale: family.assumedScale,
      bias: family.assumedBias,
      scaleSource: 'assumed',
      dtypes: Object.fromEntries(files.map(([name, file]) => [name, file.dtype])),
      weightBytes: files.reduce((sum, [, file]) => sum + file.bytes, 0),
      fingerprint: fingerprintOf(folder, graphs.files),
    };
  }

  static async load(path: string, options: LoadOptions, gate: NativeGate): Promise<DualModel> {
    const folder = openOtherFolder(path, { trustBundled: true });
    const family = dualFamilyOf(folder.config);
    const files = chooseGraphs(folder, options.dtype);
    checkMemory(
      Object.values(files).reduce((sum, file) => sum + file.bytes, 0),
      options.memoryLimitBytes,
    );
    const tokenizer = await loadTokenizer(folder);
    // It too is native code: a process that ends while the runtime is loaded would be aborted.
    const ort = await gate.run(() => loadOnnxRuntime());
    const graphs = await openGraphs(ort, files, options.threads ?? physicalCores(), gate);
    try {
      const model = new DualModel(ort, graphs, family, folder, tokenizer, options, gate);
      return await model.#measured(statedScale(folder.config));
    } catch (error) {
      await closeGraphs(graphs);
      throw error;
    }
  }

  /** Unit vectors, in the order of what was given. */
  async embed(
    images: readonly Uint8Array[],
    texts: readonly string[],
    control: Control,
  ): Promise<{ images: readonly Float32Array[]; texts: readonly Float32Array[] }> {
    const imageRows: Float32Array[] = [];
    for (let start = 0; start < images.length; start += imageBatch) {
      const pictures: PixelValues[] = [];
      for (const bytes of images.slice(start, start + imageBatch)) {
        control.check();
        pictures.push(await this.#preprocess(bytes));
      }
      control.check();
      imageRows.push(...(await this.#imageRows(pictures)));
    }
    const textVectors: Float32Array[] = [];
    for (let start = 0; start < texts.length; start += textBatch) {
      control.check();
      textVectors.push(...(await this.#textRows(texts.slice(start, start + textBatch))));
    }
    return { images: imageRows, texts: textVectors };
  }

  async close(): Promise<void> {
    await closeGraphs(this.#graphs);
  }

  async #preprocess(bytes: Uint8Array): Promise<PixelValues> {
    this.#sharp ??= await loadSharp();
    const sharp = this.#sharp;
    const bitmap = await this.#gate.run(() => decodeImage(sharp, bytes, this.#limitInputPixels));
    return toPixelValues(bitmap, this.#processor);
  }

  async #imageRows(pictures: readonly PixelValues[]): Promise<readonly Float32Array[]> {
    const outputs = await this.#run('image', {
      ...this.#pixels(pictures),
      ...(this.#graphs.isJoint ? this.#words(['a'], this.#graphs.image) : {}),
    });
    const names = this.#graphs.isJoint ? ['image_embeds'] : this.#family.imageOutputs;
    return unitRows(outputs, names, pictures.length);
  }

  async #textRows(texts: readonly string[]): Promise<readonly Float32Array[]> {
    const outputs = await this.#run('text', {
      ...this.#words(texts, this.#graphs.text),
      ...(this.#graphs.isJoint ? this.#pixels([this.#blank()]) : {}),
    });
    return unitRows(outputs, this.#graphs.isJoint ? ['text_embeds'] : this.#family.textOutputs, texts.length);
  }

  #pixels(pictures: readonly PixelValues[]): Record<string, Tensor> {
    const [first] = pictures;
    if (first === undefined) throw new TypeError('no pictures');
    const size = first.data.length;
    const data = new Float32Array(size * pictures.length);
    pictures.forEach((picture, index) => data.set(picture.data, index * size));
    return { pixel_values: new this.#ort.Tensor('float32', data, [pictures.length, 3, first.height, first.width]) };
  }

  /** For the side of a joint graph that nobody asked about. */
  #blank(): PixelValues {
    const { size, crop } = this.#processor;
    const stated = size !== undefined && 'width' in size ? size : undefined;
    const edge = size !== undefined && 'shortestEdge' in size ? size.shortestEdge : 224;
    const { width, height } = crop ?? stated ?? { width: edge, height: edge };
    return { width, height, data: new Float32Array(3 * width * height) };
  }

  #words(texts: readonly string[], session: InferenceSession): Record<string, Tensor> {
    const rows = textRows(this.#tokenizer, texts, this.#family, this.#padId);
    const shape = [texts.length, rows.length];
    const feeds: Record<string, Tensor> = { input_ids: new this.#ort.Tensor('int64', rows.ids, shape) };
    if (session.inputNames.includes('attention_mask')) {
      // Models that were trained on full-length texts saw their padding too.
      const mask = this.#family.padsToFullLength ? new BigInt64Array(rows.mask.length).fill(1n) : rows.mask;
      feeds['attention_mask'] = new this.#ort.Tensor('int64', mask, shape);
    }
    return feeds;
  }

  async #run(side: 'text' | 'image', feeds: Record<string, Tensor>): Promise<InferenceSession.OnnxValueMapType> {
    return this.#gate.run(async () => {
      try {
        return await this.#graphs[side].run(feeds);
      } catch (error) {
        throw localModelError(`A run of the ${side} tower failed: ${reasonOf(error)}`);
      }
    });
  }

  /** One run tells the size of an embedding and, where the graph scores by itself, how it does. */
  async #measured(stated: { scale: number; bias: number } | undefined): Promise<this> {
    const feeds = {
      ...this.#words(['a', 'two dogs'], this.#graphs.text),
      ...(this.#graphs.isJoint ? this.#pixels([this.#blank()]) : {}),
    };
    const outputs = await this.#run('text', feeds);
    const texts = unitRows(outputs, this.#graphs.isJoint ? ['text_embeds'] : this.#family.textOutputs, 2);
    const dimension = texts[0]?.length ?? 0;
    const own = this.#graphs.isJoint ? scaleOf(outputs, texts) : undefined;
    const scale = own ?? stated;
    const source = own === undefined ? 'config' : 'graph';
    this.summary = { ...this.summary, dimension, ...(scale === undefined ? {} : { ...scale, scaleSource: source }) };
    return this;
  }
}

/** Two scores of one picture and the cosines behind them: a straight line. */
function scaleOf(
  outputs: InferenceSession.OnnxValueMapType,
  texts: readonly Float32Array[],
): { scale: number; bias: number } | undefined {
  const logits = outputs['logits_per_image']?.data;
  const [image] = unitRows(outputs, ['image_embeds'], 1);
  const [first, second] = texts;
  if (!(logits instanceof Float32Array) || image === undefined || first === undefined || second === undefined) {
    return undefined;
  }
  const [low, high] = [cosine(image, first), cosine(image, second)];
  const [lowLogit, highLogit] = [logits[0] ?? NaN, logits[1] ?? NaN];
  const scale = (highLogit - lowLogit) / (high - low);
  const bias = lowLogit - scale * low;
  // Two texts that lie too close together say nothing.
  return Math.abs(high - low) > 1e-4 && Number.isFinite(bias) && scale > 0 ? { scale, bias } : undefined;
}

function unitRows(
  outputs: InferenceSession.OnnxValueMapType,
  names: readonly string[],
  count: number,
): readonly Float32Array[] {
  const name = names.find((candidate) => outputs[candidate] !== undefined);
  const tensor = name === undefined ? undefined : (outputs[name] as Tensor);
  if (tensor?.type !== 'float32' || tensor.dims.length !== 2 || tensor.dims[0] !== count) {
    const shape = tensor === undefined ? 'nothing' : `${tensor.type} [${tensor.dims.join(', ')}]`;
    throw localModelError(`The graph gave ${shape} where ${count} rows of float32 named ${names.join(' or ')} belong.`);
  }
  const width = tensor.dims[1] ?? 0;
  const data = tensor.data as Float32Array;
  return Array.from({ length: count }, (_, row) => toUnit(data.slice(row * width, (row + 1) * width)));
}

/** Both towers if the folder has them: a joint graph runs both for every question. */
export function chooseGraphs(folder: OtherFolder, dtype: Dtype | undefined): Readonly<Record<string, SessionFile>> {
  const order = dtype === undefined ? dtypeOrder : [dtype];
  const text = folder.weights('text_model', order);
  const vision = folder.weights('vision_model', order);
  if (text !== undefined && vision !== undefined) return { text_model: text, vision_model: vision };
  const joint = folder.weights('model', order);
  if (joint !== undefined) return { model: joint };
  if (folder.weights('decoder_model_merged', dtypeOrder) !== undefined) {
    throw localModelError(
      `${folder.path} holds a model that answers questions and makes no embeddings. Name a dual encoder (CLIP, SigLIP) here.`,
    );
  }
  throw localModelError(
    `${folder.path} has neither onnx/text_model and onnx/vision_model nor onnx/model${dtype === undefined ? '' : ` as ${dtype}`}.`,
  );
}

async function openGraphs(
  ort: Ort,
  files: Readonly<Record<string, SessionFile>>,
  threads: number,
  gate: NativeGate,
): Promise<Graphs> {
  const opened: InferenceSession[] = [];
  try {
    for (const [name, file] of Object.entries(files)) opened.push(await openGraph(ort, name, file, threads, gate));
    const [text, image = text] = opened;
    if (text === undefined || image === undefined) throw new TypeError('no graphs');
    return { text, image, isJoint: opened.length === 1, files };
  } catch (error) {
    for (const session of opened) await session.release();
    throw error;
  }
}

async function openGraph(
  ort: Ort,
  name: string,
  file: SessionFile,
  threads: number,
  gate: NativeGate,
): Promise<InferenceSession> {
  return gate.run(async () => {
    try {
      return await ort.InferenceSession.create(file.path, {
        executionProviders: ['cpu'],
        interOpNumThreads: 1,
        intraOpNumThreads: threads,
        graphOptimizationLevel: 'all',
        logSeverityLevel: 4,
        extra: {
          session: {
            intra_op: { allow_spinning: '0' },
            ...(needsExactProducts(file) ? { x64quantprecision: '1' } : {}),
          },
        },
      });
    } catch (error) {
      throw loadFailure(name, file, error);
    }
  });
}

async function closeGraphs(graphs: Graphs): Promise<void> {
  await graphs.text.release();
  if (!graphs.isJoint) await graphs.image.release();
}

/** Made of the configuration and the sizes of the weights: cheap, and different for every model that one meets in practice. */
function fingerprintOf(folder: OtherFolder, files: Readonly<Record<string, SessionFile>>): string {
  const parts = [
    folder.config,
    folder.preprocessorConfig,
    Object.entries(files).map(([name, file]) => [name, file.dtype, file.bytes]),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
