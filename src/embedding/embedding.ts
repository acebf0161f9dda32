/** Embeds, classifies and indexes pictures from any source, with whatever dual encoder an adapter opens. Loaded on first use. */

import type { Adapter, ModelReference } from '../../adapters/adapter.js';
import type { AddOptions, IndexSource } from '../../local-model/engine/index.js';
import { OcelliError, type ErrorKind } from '../errors/index.js';
import { fitTargetOf } from '../estimate/index.js';
import { createMediaStore, prepareMessages, type FitCache, type MediaStoreOptions } from '../media/index.js';
import { splitModelId, unknownProviderError } from '../models/index.js';
import { isFileReference, type Encoder, type MediaSource } from '../request/index.js';
import type { ClassifyRequest, Embedding, EmbedRequest, ImageIndex, IndexPicture } from './embedding-types.js';

/** What the room needs of an ocelli. */
export interface EmbeddingContext {
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly media: MediaStoreOptions | undefined;
  readonly fitCache: FitCache;
}

/** A dual encoder by name; it is opened for every request, since it may have been let go meanwhile. */
interface ChosenEncoder {
  readonly id: string;
  readonly adapter: Adapter;
  open(signal: AbortSignal | undefined): Promise<Encoder>;
}

const never = new AbortController().signal;
/** What is wrong with one picture and not with the others. */
const leftOut: ReadonlySet<ErrorKind> = new Set([
  'image-unreadable',
  'image-too-large',
  'image-fetch-blocked',
  'network',
  'timeout',
]);

export function createEmbedding(context: EmbeddingContext): Embedding {
  const read = async (chosen: ChosenEncoder, sources: readonly MediaSource[], signal: AbortSignal | undefined) =>
    bytesOf(sources, chosen.adapter, context, signal);
  return {
    async embed(request) {
      checkEmbed(request);
      const { images = [], texts = [], signal } = request;
      const chosen = choose(request.model, context.adapters);
      // Pictures are read first: a wrong path is found out sooner than a model is loaded.
      const bytes = await read(chosen, images, signal);
      const encoder = await chosen.open(signal);
      const vectors = await encoder.embed({ images: bytes, texts, ...withSignal(signal) });
      return { model: chosen.id, dimension: encoder.description.dimension, ...vectors };
    },
    async classify(request) {
      checkClassify(request);
      const { image, labels, template, signal } = request;
      const chosen = choose(request.model, context.adapters);
      const [bytes = new Uint8Array(0)] = await read(chosen, [image], signal);
      const encoder = await chosen.open(signal);
      const scored = await encoder.classify({
        image: bytes,
        labels,
        ...(template === undefined ? {} : { template }),
        ...withSignal(signal),
      });
      return { model: chosen.id, score: encoder.description.score, label: scored[0]?.label ?? '', labels: scored };
    },
    async createImageIndex(request = {}) {
      const chosen = choose(request.model, context.adapters);
      const { description } = await chosen.open(request.signal);
      const { createImageIndex } = await import('../../local-model/engine/index.js');
      const index = await createImageIndex({
        encoder: { description, embed: async (wanted) => (await chosen.open(wanted.signal)).embed(wanted) },
        ...(request.load === undefined ? {} : { load: request.load }),
      });
      const one = async (source: MediaSource, signal: AbortSignal | undefined): Promise<Uint8Array> =>
        (await read(chosen, [source], signal))[0] ?? new Uint8Array(0);
      return {
        model: chosen.id,
        get size() {
          return index.size;
        },
        add: (pictures, options = {}) =>
          index.add(
            readOneByOne(pictures, (source) => one(source, options.signal), options.onPicture),
            options,
          ),
        search: async ({ text, image, limit, signal }) =>
          index.search({
            ...(text === undefined ? {} : { text }),
            ...(image === undefined ? {} : { image: await one(image, signal) }),
            ...(limit === undefined ? {} : { limit }),
            ...withSignal(signal),
          }),
        save: (path) => index.save(path),
      } satisfies ImageIndex;
    },
  };
}

function withSignal(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** Paths go to the index as they are, which walks through folders; every other source is read when its turn comes. */
async function* readOneByOne(
  pictures: readonly IndexPicture[],
  read: (source: MediaSource) => Promise<Uint8Array>,
  onPicture: AddOptions['onPicture'],
): AsyncGenerator<IndexSource, void> {
  for (const picture of pictures) {
    if (typeof picture === 'string' && !/^(?:https?|data|file):/i.test(picture)) {
      yield picture;
      continue;
    }
    const isNamed = typeof picture === 'object' && 'source' in picture;
    const id = isNamed ? picture.id : String(picture);
    try {
      yield { id, bytes: await read(isNamed ? picture.source : picture) };
    } catch (error) {
      if (onPicture === undefined || !OcelliError.isInstance(error) || !leftOut.has(error.kind)) throw error;
      onPicture(id, error);
    }
  }
}

/** Reads sources as those of a request to the same adapter: the same limits, the same conversions, the same errors. */
async function bytesOf(
  sources: readonly MediaSource[],
  adapter: Adapter,
  { media, fitCache }: EmbeddingContext,
  signal: AbortSignal | undefined,
): Promise<readonly Uint8Array[]> {
  if (sources.length === 0) return [];
  const content = sources.map((source) => ({ type: 'image', source }) as const);
  const { messages } = await prepareMessages([{ role: 'user', content }], {
    provider: adapter.provider,
    urls: [],
    fileIds: false,
    detail: 'high',
    store: createMediaStore(media),
    fit: {
      mode: 'limits',
      keepMetadata: false,
      note: false,
      cache: fitCache,
      target: (detail, count) => fitTargetOf(adapter.defaultDescription, detail, count, true),
    },
    signal,
  });
  return messages.flatMap((message) =>
    message.role !== 'user'
      ? []
      : message.content.flatMap((part) =>
          part.type !== 'text' && part.media.type === 'bytes' ? [part.media.bytes] : [],
        ),
  );
}

function choose(model: string | ModelReference | undefined, adapters: ReadonlyMap<string, Adapter>): ChosenEncoder {
  const { adapter, modelId } = model === undefined ? defaultEncoder(adapters) : targetOf(model, adapters);
  const id = `${adapter.provider}:${modelId}`;
  return {
    id,
    adapter,
    open(signal) {
      if (adapter.openEncoder === undefined) {
        throw new OcelliError(
          'unsupported-input',
          `${id} makes no embeddings; only dual encoders on this machine do. Name one, such as "local:owner/name" after \`npx ocelli pull owner/name\`.`,
          { provider: adapter.provider, model: id },
        );
      }
      return adapter.openEncoder(modelId, { signal: signal ?? never });
    },
  };
}

function defaultEncoder(adapters: ReadonlyMap<string, Adapter>): { adapter: Adapter; modelId: string } {
  for (const adapter of adapters.values()) {
    const modelId = adapter.defaultEncoder?.();
    if (modelId !== undefined) return { adapter, modelId };
  }
  throw new OcelliError(
    'invalid-request',
    'This copy of ocelli has no dual encoder of its own. Name one as `model`, such as "local:owner/name" after `npx ocelli pull owner/name`.',
  );
}

function targetOf(
  model: string | ModelReference,
  adapters: ReadonlyMap<string, Adapter>,
): { adapter: Adapter; modelId: string } {
  if (typeof model !== 'string') return model;
  const { provider, modelId } = splitModelId(model);
  if (provider === '' || modelId === '')
    throw invalid(`"${model}" is not a model; write provider:model-id, such as "local:owner/name".`);
  const adapter = adapters.get(provider);
  if (adapter === undefined) throw unknownProviderError(model, adapters.keys());
  return { adapter, modelId };
}

function checkEmbed({ images, texts }: EmbedRequest): void {
  checkList(images, 'images', 'sources of pictures', (image) => isSource(image));
  checkList(texts, 'texts', 'texts', (text) => typeof text === 'string');
}

function checkClassify({ image, labels }: ClassifyRequest): void {
  if (!isSource(image)) throw invalid('`image` must be a path, a URL, bytes, a Blob or a stream.');
  checkList(labels, 'labels', 'texts', (label) => typeof label === 'string' && label.trim() !== '');
}

function checkList(list: unknown, field: string, what: string, isGood: (entry: unknown) => boolean): void {
  if (list === undefined) return;
  if (!Array.isArray(list)) throw invalid(`\`${field}\` must be a list of ${what}.`);
  const wrong = list.findIndex((entry) => !isGood(entry));
  if (wrong !== -1) throw invalid(`\`${field}[${wrong}]\` is none of the ${what} that \`${field}\` takes.`);
}

function isSource(source: unknown): boolean {
  if (typeof source === 'string') return source !== '';
  return typeof source === 'object' && source !== null && (!('fileIds' in source) || isFileReference(source));
}

function invalid(message: string): OcelliError {
  return new OcelliError('invalid-request', message);
}
