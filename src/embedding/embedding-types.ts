/** What pictures and texts can be asked for besides answers: their embeddings, labels, an index to search. */

import type { ModelReference } from '../../adapters/adapter.js';
import type { AddOptions, FoundPicture } from '../../local-model/engine/index.js';
import type { MediaSource, ScoredLabel } from '../request/index.js';

/** What all requests to a dual encoder share. */
interface EncoderChoice {
  /** `local:owner/name`, `local:./folder` or an adapter's model object. Default: the dual encoder that ships in the package. */
  readonly model?: string | ModelReference;
  readonly signal?: AbortSignal;
}

export interface EmbedRequest extends EncoderChoice {
  /** The same sources as in a request: paths, URLs, data URLs, bytes, Blobs, streams. */
  readonly images?: readonly MediaSource[];
  readonly texts?: readonly string[];
}

export interface EmbedReply {
  /** `provider:model-id` */
  readonly model: string;
  /** Numbers of one embedding. */
  readonly dimension: number;
  /** Unit vectors in the order of the request; the cosine of two is their dot product. */
  readonly images: readonly Float32Array[];
  readonly texts: readonly Float32Array[];
}

export interface ClassifyRequest extends EncoderChoice {
  readonly image: MediaSource;
  readonly labels: readonly string[];
  /** Sentence with `{}` for the label, or several whose meanings are averaged. Default "This is a photo of {}." */
  readonly template?: string | readonly string[];
}

export interface ClassifyReply {
  /** `provider:model-id` */
  readonly model: string;
  /** `softmax`: the scores of all labels add up to 1. `sigmoid`: each stands for itself, so that none or several may fit. */
  readonly score: 'softmax' | 'sigmoid';
  /** The likeliest label. */
  readonly label: string;
  /** All labels, likeliest first. */
  readonly labels: readonly ScoredLabel[];
}

export interface ImageIndexRequest extends EncoderChoice {
  /** A file that `save` wrote. Default: an empty index. */
  readonly load?: string;
}

/** A picture for an index: a path of a file or a folder (searched through, pictures only), a URL, or any source under a name of the caller's. */
export type IndexPicture = string | URL | { readonly id: string; readonly source: MediaSource };

export interface IndexSearch {
  readonly text?: string;
  readonly image?: MediaSource;
  /** Most pictures to find; default 10. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** Pictures that can be searched by text or by picture. */
export interface ImageIndex {
  /** `provider:model-id` */
  readonly model: string;
  /** Pictures in it. */
  readonly size: number;
  /**
   * Adds pictures; one of a name that is there already takes its place.
   *
   * @throws OcelliError `image-unreadable`, `image-too-large`, `invalid-request` (a path that does not exist), `aborted`, `local-model`
   */
  add(pictures: readonly IndexPicture[], options?: AddOptions): Promise<void>;
  /**
   * Looks at every picture, so the result is exact: tens of milliseconds for 100,000 pictures.
   *
   * @throws OcelliError `invalid-request` unless exactly one of `text` and `image` is given
   */
  search(request: IndexSearch): Promise<readonly FoundPicture[]>;
  /** Writes the index to one file with a checksum; the file is replaced only when the new one is whole. */
  save(path: string): Promise<void>;
}

/** What an ocelli can do with a dual encoder. */
export interface Embedding {
  /**
   * Pictures and texts as vectors of one space, made on this machine.
   *
   * @throws OcelliError `invalid-request`, `unsupported-input`, `local-model`, `aborted`, and what reading a picture may throw
   * @example
   * const { images, texts } = await ocelli.embed({ images: ['beach.jpg'], texts: ['a beach'] });
   */
  embed(request: EmbedRequest): Promise<EmbedReply>;
  /**
   * How well each label describes a picture, without training (zero-shot).
   *
   * @throws OcelliError as {@link Embedding.embed}
   * @example
   * const { label } = await ocelli.classify({ image: 'pet.jpg', labels: ['a cat', 'a dog'] });
   */
  classify(request: ClassifyRequest): Promise<ClassifyReply>;
  /**
   * An index of pictures, empty or loaded from a file.
   *
   * @throws OcelliError as {@link Embedding.embed}; `local-model` when the file is damaged or was made with another model
   * @example
   * const index = await ocelli.createImageIndex();
   * await index.add(['./holiday']);
   * await index.search({ text: 'a beach at sunset', limit: 3 });
   */
  createImageIndex(request?: ImageIndexRequest): Promise<ImageIndex>;
}
